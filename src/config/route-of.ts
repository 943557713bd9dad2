import type { RouteSettings, TenantSettings } from "./settings.ts";

/** The route of a stream: its own, else `default`. A stream may be named `constructor`: only the routes' own names count. */
export const routeOf = ({ routes }: Pick<TenantSettings, "routes">, stream: string): RouteSettings | undefined =>
  routes[Object.hasOwn(routes, stream) ? stream : "default"];
