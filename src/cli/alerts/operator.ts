import { type Command, InvalidArgumentError } from "commander";

const MOST = 100;

/** Who does it; kept with what was done. */
export const withOperator = (command: Command): Command =>
  command.requiredOption("--operator <name>", "who does it; the others are told", (text) => {
    const name = text.trim();
    if (name === "" || name.length > MOST || /\p{C}/u.test(name))
      throw new InvalidArgumentError(`It must be a name of at most ${MOST} characters.`);
    return name;
  });
