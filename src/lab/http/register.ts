import type { FastifyInstance } from "fastify";
import { causeText, Problem } from "../../kernel/index.ts";
import type { LabState } from "../state.ts";
import { activityRoute } from "./activity-route.ts";
import { apiRoutes } from "./api-routes.ts";
import { assetRoutes } from "./asset-routes.ts";
import { assuranceRoutes } from "./assurance-routes.ts";
import { guardChange, guardHost } from "./guard.ts";
import type { LiveStreams } from "./live-streams.ts";
import { pageRoutes } from "./page-routes.ts";
import { sendRefusal } from "./problem-reply.ts";
import { twinRoutes } from "./twin-routes.ts";

/** A mode is a few bytes; the longest that is sent to the lab over HTTP is the text of an insider's mail. */
const BODY_BYTES = 16 * 1_024;

/** Everything below /lab, in a scope of its own: its guards and its error answers reach nothing else of the door. */
export function registerLab(server: FastifyInstance, state: LabState, streams: LiveStreams): void {
  // Who opens the bare address in a browser looks for the pages.
  server.get("/", (_request, reply) => reply.redirect("/lab"));
  void server.register(
    async (lab) => {
      lab.addHook("onRoute", (route) => {
        route.bodyLimit = BODY_BYTES;
      });
      lab.addHook("onRequest", guardHost);
      lab.addHook("onRequest", async (request, reply) =>
        request.method === "GET" || request.method === "HEAD" ? undefined : guardChange(request, reply),
      );
      lab.addHook("preClose", async () => streams.stop());
      lab.setErrorHandler((error, _request, reply) => {
        if (error instanceof Problem)
          return sendRefusal(reply, { status: 409, code: error.code, detail: error.publicMessage });
        const status = (error as { statusCode?: number }).statusCode ?? 500;
        if (status >= 500) throw error;
        return sendRefusal(reply, { status, code: "lab-request-malformed", detail: causeText(error) });
      });
      assetRoutes(lab);
      pageRoutes(lab, state, streams);
      assuranceRoutes(lab, state);
      apiRoutes(lab, state);
      twinRoutes(lab, state);
      activityRoute(lab, state);
    },
    { prefix: "/lab" },
  );
}
