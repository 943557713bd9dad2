import { type Clock, delay } from "../../kernel/index.ts";
import type { Paint } from "../paint.ts";
import { attemptLines } from "../queue/story-text.ts";
import { padEnd, printable } from "../text.ts";
import { when } from "../when.ts";
import type { Api, FollowedStory } from "./api.ts";

const POLL_MS = 200;

export type Followed = { fine: boolean; json: unknown };

/**
 * Tells each attempt once its end is known, until the message has ended, is held, or `waitMs` are over.
 * `fine`: every recipient was handed off.
 */
export async function follow(
  api: Api,
  id: string,
  parts: { clock: Clock; waitMs: number; width: number; paint: Paint; say: (line: string) => void },
): Promise<Followed> {
  const { clock, waitMs, say } = parts;
  const told = new Set<number>();
  for (const deadline = clock.monotonicMs() + waitMs; ; await delay(clock, POLL_MS)) {
    const { story, json } = await api.story(id);
    for (const attempt of story.attempts) {
      if (attempt.outcome === null || told.has(attempt.n)) continue;
      told.add(attempt.n);
      for (const line of attemptLines(attempt, story, clock.now(), parts.width, parts.paint)) say(line);
    }
    const end = endOf(story);
    if (end !== null || clock.monotonicMs() >= deadline) {
      for (const line of end ?? [`Still ${story.state}${next(story, clock)}; see postern queue show ${id}.`]) say(line);
      return { fine: story.state === "ended" && story.recipients.every(reached), json };
    }
  }
}

const reached = ({ state }: { state: string }): boolean => state === "handed-off" || state === "delivered";

function endOf(story: FollowedStory): string[] | null {
  if (story.state === "held") return [`Held: ${printable(story.heldReason ?? "")}. See postern queue release.`];
  if (story.state !== "ended") return null;
  return story.recipients.map(({ address, state, reason }) =>
    printable(`${padEnd(state, 10)}  ${address}${reason === null ? "" : ` (${reason})`}`),
  );
}

const next = (story: FollowedStory, clock: Clock): string =>
  story.dueAt === null ? "" : `, next try ${when(story.dueAt, clock.now())}`;
