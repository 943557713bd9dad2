/** What attachments usually are, by the name they have. Dialects that let their clients leave the type out guess as well. */
const TYPES: Record<string, string> = {
  pdf: "application/pdf",
  png: "image/png",
  jpg: "image/jpeg",
  jpeg: "image/jpeg",
  gif: "image/gif",
  txt: "text/plain",
  csv: "text/csv",
  html: "text/html",
  json: "application/json",
  ics: "text/calendar",
  zip: "application/zip",
};

export function mediaTypeOf(filename: string): string {
  const extension = filename.split(".").at(-1)!.toLowerCase();
  return Object.hasOwn(TYPES, extension) ? TYPES[extension]! : "application/octet-stream";
}
