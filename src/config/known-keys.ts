import { z } from "zod";

/** The keys a strict object of `shape` allows at `path`, for "did you mean". */
export function keysAt(shape: z.core.$ZodType, path: readonly PropertyKey[]): string[] {
  let here: z.core.$ZodType | undefined = bare(shape);
  for (const part of path) {
    if (here instanceof z.ZodObject) here = here.shape[String(part)];
    else if (here instanceof z.ZodArray) here = here.element;
    else if (here instanceof z.ZodRecord) here = here.valueType;
    else return [];
    here = here && bare(here);
  }
  return here instanceof z.ZodObject ? Object.keys(here.shape) : [];
}

function bare(shape: z.core.$ZodType): z.core.$ZodType {
  return shape instanceof z.ZodOptional || shape instanceof z.ZodNullable ? bare(shape.unwrap()) : shape;
}
