import type { ProviderSettings } from "../config/index.ts";
import type { Provider, ProviderParts } from "./provider.ts";
import { smtpProvider } from "./smtp/index.ts";

/** Every kind of provider there is; a new one is a folder and a line here. */
const FACTORIES: {
  [Kind in ProviderSettings["kind"]]: (
    settings: Extract<ProviderSettings, { kind: Kind }>,
    parts: ProviderParts,
  ) => Provider;
} = {
  smtp: smtpProvider,
};

export const createProvider = (settings: ProviderSettings, parts: ProviderParts): Provider =>
  FACTORIES[settings.kind](settings, parts);
