import type { FastifyInstance, FastifyReply } from "fastify";
import type { LabTwin } from "../lab-twin.ts";
import type { LabState } from "../state.ts";
import { ACTS, actNamed } from "../insider-acts.ts";
import { JSON_EXPECTED, type LabRefusal, isJson, sendRefusal } from "./problem-reply.ts";

type Named = { Params: { name: string } };

/** What only a vendor's account can do: let go what it held back, and be used by someone who has its console. */
export function twinRoutes(lab: FastifyInstance, { names, twins, changes }: LabState): void {
  const twinOf = (name: string, reply: FastifyReply): LabTwin | null => {
    const twin = twins.get(name);
    if (!twin) sendRefusal(reply, twinUnknown(name, names, twins.keys()));
    return twin ?? null;
  };

  lab.post<Named>("/providers/:name/release", async (request, reply) => {
    const twin = twinOf(request.params.name, reply);
    return twin ? { name: twin.name, released: await twin.release() } : reply;
  });

  lab.post<{ Params: { name: string; act: string }; Body: unknown }>(
    "/providers/:name/insider/:act",
    async (request, reply) => {
      const twin = twinOf(request.params.name, reply);
      if (!twin) return reply;
      const act = actNamed(request.params.act);
      if (!act) return sendRefusal(reply, ACT_UNKNOWN);
      const { body } = request;
      if (body !== undefined && body !== null && !isJson(request)) return sendRefusal(reply, JSON_EXPECTED);
      const given = fieldsOf(act.fields, body);
      if ("missing" in given) return sendRefusal(reply, fieldMissing(request.params.act, given.missing));
      const done = await act.run(twin, given.fields);
      changes.changed();
      return { name: twin.name, act: request.params.act, ...done };
    },
  );
}

/** Every field is a text of some length; others are left aside. */
function fieldsOf(names: readonly string[], body: unknown): { fields: Record<string, string> } | { missing: string } {
  const given = (typeof body === "object" && body !== null ? body : {}) as Record<string, unknown>;
  const fields: Record<string, string> = {};
  for (const name of names) {
    const value = given[name];
    if (typeof value !== "string" || value.trim() === "") return { missing: name };
    fields[name] = value.trim();
  }
  return { fields };
}

function twinUnknown(name: string, names: readonly string[], twins: Iterable<string>): LabRefusal {
  const known = [...twins].join(", ");
  return names.includes(name)
    ? {
        status: 409,
        code: "lab-no-account",
        detail: `The lab provider ${name} speaks SMTP and has no account. Those that have one: ${known}.`,
      }
    : {
        status: 404,
        code: "lab-provider-unknown",
        detail: `The lab has no provider of this name. It has: ${names.join(", ")}.`,
      };
}

const ACT_UNKNOWN: LabRefusal = {
  status: 404,
  code: "lab-act-unknown",
  detail: `An insider can: ${Object.keys(ACTS).join(", ")}.`,
};
const fieldMissing = (act: string, field: string): LabRefusal => ({
  status: 400,
  code: "lab-field-missing",
  detail: `The act ${act} needs the field ${field}.`,
});
