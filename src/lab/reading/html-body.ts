/**
 * The HTML of a message for the sandboxed frame. The frame's policy stops scripts, loads and forms; what no policy
 * stops is taken away here: `<link rel=preconnect>` and `<base>`, `<meta http-equiv=refresh>`, which reach out by
 * themselves. A tag begins with exactly `<name` in HTML, so renaming these letters leaves no way around.
 */
export const framedHtml = (html: string): string => html.replace(/<(?=(?:link|meta|base)\b)/gi, "<x-");

/** Sent with the frame's content, so that it holds also when its address is opened alone. */
export const FRAME_POLICY =
  "sandbox; default-src 'none'; img-src data:; style-src 'unsafe-inline'; form-action 'none'; base-uri 'none'; frame-ancestors 'self'";
