import type { z } from "zod";
import { type SesError, badRequest, sesError } from "./errors.ts";

/** A body as what the operation takes, or what is wrong with it in AWS's words. */
export function readJson<Shape extends z.ZodType>(shape: Shape, json: unknown): z.infer<Shape> | SesError {
  if (json === undefined) return sesError(400, "SerializationException", "The body is no JSON.");
  const read = shape.safeParse(json);
  if (read.success) return read.data;
  const { path, message } = read.error.issues[0]!;
  return badRequest(`${path.map(String).join(".")}: ${message}`);
}
