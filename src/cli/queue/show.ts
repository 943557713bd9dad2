import type { Command } from "commander";
import type { SpoolId } from "../../kernel/index.ts";
import { storyReader } from "../../spool/index.ts";
import { jsonText } from "../json.ts";
import { paintFor } from "../paint.ts";
import type { Act } from "../run.ts";
import { printable } from "../text.ts";
import { EXIT, print, textWidth } from "../world.ts";
import { withQueue } from "./open-queue.ts";
import { storyText } from "./story-text.ts";

export function addShow(queue: Command, act: Act): void {
  const command = queue
    .command("show")
    .summary("tell the whole story of one message")
    .description(
      "Recipients, every attempt with its provider, the reason it went there and what was answered, and events.",
    )
    .argument("<id>", "the message")
    .option("--json", "print JSON");
  act(command, (run, options: { json?: boolean }, [id = ""]) =>
    withQueue(run, async (database) => {
      const { out, err, clock, environment } = run.world;
      const story = await storyReader(database, run.world.clock).find(null, id.toLowerCase() as SpoolId);
      if (!story) {
        print(err, notFound(id));
        return EXIT.failed;
      }
      if (options.json) {
        const { storyJson } = await import("../../accept/index.ts"); // as the API shows it, and whose it is
        print(out, jsonText({ tenant: story.tenant, ...storyJson(story) }));
      } else {
        print(out, storyText(story, clock.now(), textWidth(out), paintFor(out.isTerminal, environment)));
      }
      return EXIT.fine;
    }),
  );
}

export const notFound = (id: string): string =>
  `There is no message ${printable(JSON.stringify(id))} here. It may have been swept after its retention, or belong to another database.`;
