import type { Attachment } from "../compose/compose.ts";
import type { Faults } from "./faults.ts";
import type { MessageJson } from "./message-schema.ts";
import { headerTextFault, strictBase64 } from "./text-values.ts";

const FILENAME_OCTETS = 255;
/** `type/subtype` and parameters (RFC 2045 §5.1), without quoted pairs. */
const CONTENT_TYPE =
  /^([a-z0-9][a-z0-9!#$&^_.+-]{0,126})\/[a-z0-9][a-z0-9!#$&^_.+-]{0,126}(?: ?; ?[a-z0-9!#$&^_.+*-]{1,64}=(?:[a-z0-9!#$&^_.+-]{1,128}|"[a-z0-9 !#$%&'()*+,./:;<=>?@[\]^_`{|}~-]{0,128}"))*$/i;
const CONTENT_ID = /^[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]+(?:@[A-Za-z0-9.-]+)?$/;

export function readAttachments(given: NonNullable<MessageJson["attachments"]>, faults: Faults): Attachment[] {
  return given.map((attachment, index) => {
    const at = `/attachments/${index}`;
    const fault = (member: string, detail: string | null) => detail !== null && faults.add(`${at}/${member}`, detail);

    const { filename, contentType, contentId } = attachment;
    if (filename !== undefined) fault("filename", filenameFault(filename));
    const type = CONTENT_TYPE.exec(contentType)?.[1]?.toLowerCase();
    if (type === undefined) fault("contentType", "must be a media type, such as application/pdf.");
    else if (type === "multipart" || type === "message") {
      fault(
        "contentType",
        `may not be ${type}/…: nested messages go as application/octet-stream, or send the whole message raw.`,
      );
    }
    if (contentId !== undefined && !CONTENT_ID.test(contentId)) {
      fault("contentId", "must be letters, digits and . _ - (and one @ with a domain), without angle brackets.");
    }
    const content = strictBase64(attachment.content);
    if (content === null) fault("content", "must be base64 with padding and without line breaks (`base64 -w0`).");
    return {
      filename,
      contentType,
      contentId,
      content: content ?? Buffer.alloc(0),
      disposition: attachment.disposition ?? "attachment",
    };
  });
}

function filenameFault(filename: string): string | null {
  const fault = headerTextFault(filename);
  if (fault !== null) return fault;
  // A path in a file name is only ever meant for a reader that trusts it.
  if (/[/\\]/.test(filename) || filename === "." || filename === "..") return "must be a name, not a path.";
  return filename === "" || Buffer.byteLength(filename) > FILENAME_OCTETS
    ? `must be 1 to ${FILENAME_OCTETS} octets long.`
    : null;
}
