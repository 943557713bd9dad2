import type { Command } from "commander";
import { type Settings, loadSettings } from "../config/index.ts";
import type { World } from "./world.ts";

/** What a command is given besides its own options. */
export type Run = {
  world: World;
  /** Reads the configuration that --config, POSTERN_CONFIG or ./postern.yaml names. @throws ConfigMistakes */
  settings(): Settings;
  /** The file named by --config. */
  configFile: string | undefined;
};

/** Gives a command its work; the number it returns is the exit code. */
export type Act = <Options>(
  command: Command,
  work: (run: Run, options: Options, words: string[], command: Command) => Promise<number>,
) => void;

/** Commander hands arguments, options and the command as one list; here they become two. */
export function actIn(world: World, end: (code: number) => void): Act {
  return (command, work) => {
    command.action(async (...given: unknown[]) => {
      const self = given.at(-1) as Command;
      const words = given.slice(0, -2).flatMap((word) => (word === undefined ? [] : (word as string | string[])));
      const { config } = self.optsWithGlobals<{ config?: string }>();
      const run: Run = {
        world,
        configFile: config,
        settings: () =>
          loadSettings({ file: config, environment: world.environment, cwd: world.cwd, random: world.random }),
      };
      end(await work(run, self.opts() as never, words, self));
    });
  };
}
