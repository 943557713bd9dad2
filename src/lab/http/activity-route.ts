import type { FastifyInstance } from "fastify";
import { MODE_RULES } from "../modes.ts";
import type { LabState } from "../state.ts";
import { providerUnknown, sendRefusal } from "./problem-reply.ts";

/** The lab's stand-in for a provider's activity log: asked by Postern when it does not know how an attempt ended. */
export function activityRoute(lab: FastifyInstance, { providers }: LabState): void {
  lab.get<{ Params: { provider: string }; Querystring: { attempt?: string } }>(
    "/activity/:provider",
    async (request, reply) => {
      const provider = providers.get(request.params.provider);
      if (!provider) return sendRefusal(reply, providerUnknown(providers.keys()));
      const { attempt } = request.query;
      if (typeof attempt !== "string" || attempt === "")
        return sendRefusal(reply, {
          status: 400,
          code: "lab-attempt-missing",
          detail: "Say which attempt: ?attempt=<the X-Postern-Attempt of the message>.",
        });
      if (!MODE_RULES[provider.mode].listens)
        return sendRefusal(reply, {
          status: 503,
          code: "lab-provider-down",
          detail: `The lab provider ${provider.name} is down: it cannot be asked what it took.`,
        });
      return { taken: provider.hasTaken(attempt) };
    },
  );
}
