/**
 * How systems say that they could not deliver, where they do not say it in RFC 3464's form (or beside it). By structure
 * and by the fixed sentences of their programs; what a person may write is not here. Sources: the programs' texts as
 * their manuals and recorded reports show them, seen 2026-11-25.
 */
export type Format = {
  mta: string;
  /** Looked for in the header section (unfolded fields, `name: value` a line) or in the report's own text. */
  where: "header" | "text";
  says: RegExp;
  means: "failed" | "delayed";
  /** The sentence is a program's own. Otherwise people write it too, and it counts only from a mail system. */
  certain: boolean;
};

const failed = (mta: string, says: RegExp): Format => ({ mta, where: "text", says, means: "failed", certain: true });
const delayed = (mta: string, says: RegExp): Format => ({ mta, where: "text", says, means: "delayed", certain: true });
const marked = (mta: string, says: RegExp): Format => ({ mta, where: "header", says, means: "failed", certain: true });

const failedPerhaps = (mta: string, says: RegExp): Format => ({ ...failed(mta, says), certain: false });
const delayedPerhaps = (mta: string, says: RegExp): Format => ({ ...delayed(mta, says), certain: false });

/** It is still being tried. These are looked for before all others: a delay must never become a failure. */
export const DELAYS: readonly Format[] = [
  {
    ...marked(
      "several",
      /^subject: [^\n]{0,100}\((?:delay|delayed)\)|^subject: (?:warning: )?(?:message|mail|delivery)\b[^\n]{0,80}\b(?:delay|delayed|deferred)\b|^subject: warning: could not send|^subject: (?:mail )?delivery warning|^subject: [^\n]{0,60}(?:still being retried|verzögert)/im,
    ),
    means: "delayed",
  },
  delayed(
    "Sendmail",
    /(?:warning: )?(?:could not send message for past|message still undelivered after|will keep trying until message is)/i,
  ),
  delayed("Sendmail", /this is a warning message only|you do not need to resend your message/i),
  delayed("Postfix", /(?:your message could not be delivered for|it will be retried until it is)/i),
  delayed(
    "Exim",
    /(?:has not yet been delivered|not yet delivered to (?:one|all)|delivery attempts will continue|no action is required on your part)/i,
  ),
  delayed("qmail", /will (?:still )?keep trying|i'm not going to give up/i),
  delayed(
    "Gmail",
    /(?:delivery to the following recipients? has been delayed|message will be retried for|gmail will retry for|delivery incomplete|there was a temporary problem (?:while )?delivering)/i,
  ),
  delayed(
    "Exchange",
    /(?:delivery to the following recipients has been delayed|delivery is delayed|this message hasn't been delivered yet|delivery will continue to be attempted)/i,
  ),
  delayed("PowerMTA", /delivery is being delayed|is delayed and will be retried/i),
  delayedPerhaps(
    "several",
    /(?:has been|is|was) (?:temporarily )?(?:delayed|deferred|postponed|queued)\b[\w ,.-]{0,60}(?:delivery|recipient|due|at|\.|$)/i,
  ),
  delayedPerhaps(
    "several",
    /(?:will|we'll|i'll) (?:still |also )?(?:continue(?: to)?|keep|go on) (?:try|retry|attempt|to deliver|delivery)|(?:still|continue) (?:trying|retrying|being tried)|is still awaiting delivery/i,
  ),
  delayedPerhaps(
    "several",
    /(?:will|is going to) (?:be )?(?:try|tried|retry|retried|attempted|re-?sent|deliver(?:y|ed)?) ?(?:to deliver|again|delivery|for|later|until|in)\b/i,
  ),
  delayedPerhaps(
    "several",
    /(?:delivery|deliver) (?:attempts? )?will (?:be (?:re)?tried|continue|be re-?attempted)|(?:this is|was) (?:only )?a (?:delay|advisory)[ -]|advisory-only email/i,
  ),
];

/** A sentence that ends all trying, even in a text that tells of delays before. */
export const ENDINGS =
  /permanent (?:error|fatal error|failure)|permanently|i(?:'ve| have) given up|giving up|not going to try again|no further (?:delivery )?attempts|delivery has failed|final(?:ly)? fail|could not be delivered (?:after|within)|will not be (?:retried|tried)|has been (?:returned|bounced)|aborted after|delivery expired|not (?:been )?delivered within/i;

export const FAILURES: readonly Format[] = [
  marked("Exim", /^x-failed-recipients: /m),
  marked("fml", /^x-mlserver: .*\bfml\b/im),
  failed(
    "qmail",
    /(?:this is the qmail-send program|i'm afraid i wasn't able to deliver|sorry, (?:i|we) (?:couldn't|wasn't able|were unable)|unable to deliver message to the following address)/i,
  ),
  failed(
    "Exim",
    /(?:a message that you (?:have )?sent (?:could not be|was not) delivered|the following address\(?(?:es)?\)? (?:has |have )?failed|was rejected by the local scanning code|undelivered message)/i,
  ),
  failed(
    "Postfix",
    /(?:your message could not be|the message returned\s+below could not be|message could not be)\s+delivered/i,
  ),
  failed(
    "Sendmail",
    /-{3,} (?:the following addresses had|transcript of(?: the)? session|failed recipients|errors? (?:detail|occurred)|non-delivered information|message not delivered|unsent message|undelivered message)/i,
  ),
  failed(
    "Exchange",
    /(?:did not reach the following recipient|could not be delivered to the following|delivery (?:to|has failed to) th(?:e following|ese) recipients?|your message (?:to .{1,100} )?(?:couldn't|wasn't|could not) (?:be )?delivered)/i,
  ),
  failed("Domino", /(?:your message [^\n]{0,200}\bwas not delivered|failed to deliver to|delivery failure report)/i),
  failed(
    "Gmail",
    /(?:delivery to the following recipients? failed|message not delivered|address not found|message blocked|recipient inbox full|wasn't delivered to)/i,
  ),
  failed(
    "IMail",
    /(?:unknown user|undeliverable(?: mail)? to|delivery failed \d+ attempts|invalid final delivery userid|user mailbox exceeds allowed size|body of message generated response)[: ]/i,
  ),
  failed("MessagingServer", /(?:this report relates to (?:a|your) message|your message cannot be delivered)/i),
  failed("DragonFly", /there was an error delivering your mail/i),
  failed("OpenSMTPD", /(?:an error has occurred while attempting to deliver|below is a copy of the original message)/i),
  failed("X6", /we had trouble delivering your message|the following recipients returned permanent errors/i),
  failed("KDDI", /your mail sent on:[^\n]{0,100}\n\s*could not be delivered to/i),
  failed("Verizon", /error message below:\s{0,10}\n\s{0,10}[45]\d\d\b/i),
  failed("USA.NET", /mail has been returned because it encountered an error/i),
  marked(
    "several",
    /^subject: (?:undeliver(?:able|ed)|returned mail|mail (?:delivery )?(?:system )?(?:error|fail)|failure notice|delivery (?:failure|status notification)|delivery (?:report|notification)|mail delivery (?:failed|failure|problem)|non-?deliver|error sending|unzustellbar|returned to sender|undelivered mail|failed mail|processing error|message (?:undeliver|not deliver))/im,
  ),
  failedPerhaps(
    "several",
    /(?:could|can|was|were|has|have|did|is|be|would)\s*(?:not|n't|not be|n't be|not been)\s+(?:be\s+|been\s+)?(?:successfully\s+|properly\s+)?(?:deliver|accept|sen[dt]|transmitted|reach)/i,
  ),
  failedPerhaps(
    "several",
    /(?:undeliver(?:able|ed)|non-?delivery|unable to deliver|deliver\w* (?:has |was |of .{0,80} )?(?:failed|failure|aborted|impossible|error)|failed to deliver|returned mail|bounced|was rejected|been rejected|rejected by|delevery|delivery problems|mail (?:system|delivery) error|error (?:while|during) (?:delivery|sending)|did not receive)/i,
  ),
  failedPerhaps(
    "several",
    /(?:user|recipient|account|address|mailbox|host|domain)(?:\(s\))?[\w .:'"()<>@=-]{0,60}(?:unknown|not found|does not exist|doesn't exist|disabled|is full|over quota|invalid)|(?:no such|unknown|invalid) (?:user|recipient|mailbox|address|account|host|domain)/i,
  ),
  failedPerhaps("several", /\b5[0-5]\d[ -](?:5\.\d\.\d|[A-Za-z<#])/),
  failedPerhaps(
    "several",
    /送信できません|配信できません|届けることができません|エラーのため|未能投递|退信|无法发送|投递失败|не может быть доставлено|не доставлено|nicht zugestellt|n'a pas pu être (?:remis|délivré)|no se pudo entregar|non è stato (?:possibile|consegnato)/i,
  ),
];

/** Where the returned message, or its beginning, starts in a text without parts. */
export const RETURNED =
  /^[\s>]{0,10}(?:[-=_*#+ ]{2,}.{0,20}(?:this is a copy|copy of (?:the|your)|original (?:message|mail)|the header of the original|below this line|start of returned|returned (?:mail|message)|unsent message|undelivered message|forwarded message|message header|header|message text|the body of)|(?:the )?original message (?:follows|header|headers|text)|message headers? follow|(?:here|below) is a copy|(?:the first \d+ lines of )?your original message|-{3,}\s*returned|original message as received)/i;

/** Who writes such reports: looked for in From. A null return path tells nothing, answers of vacation have it too. */
export const REPORTER =
  /mailer[-_ ]?daemon|post[-_ ]?master|mail[ ._-]?delivery|mail[-_ ]?(?:administrator|system|service|router)|mail_service|system administrator|\bndr\b|bounce|delivery subsystem|\bmmdf|majordomo|undeliver/i;
