/** Sprig's JSON functions. */
import { define } from '../function.ts';
import { ANY, STRING, type Value } from '../value.ts';
import { readJson } from './json-read.ts';
import { type JsonStyle, writeJson } from './json-write.ts';
import { type FunctionTable, orElse } from './table.ts';

function writer(style: JsonStyle): FunctionTable[string] {
  return define([ANY], STRING, ([value], run) => writeJson(value, style, run));
}

function lenientWriter(style: JsonStyle): FunctionTable[string] {
  return define([ANY], STRING, ([value], run) => orElse(() => writeJson(value, style, run), ''));
}

const PLAIN = { html: true, indent: false };
const PRETTY = { html: true, indent: true };
const RAW = { html: false, indent: false };

/** Sprig's JSON functions, by name. */
export const JSONS: FunctionTable = {
  fromJson: define([STRING], ANY, ([text], run) => orElse((): Value => readJson(text, run).value, null)),
  mustFromJson: define([STRING], ANY, ([text], run) => {
    const { value, error } = readJson(text, run);
    if (error !== undefined) throw error;
    return value;
  }),
  toJson: lenientWriter(PLAIN),
  mustToJson: writer(PLAIN),
  toPrettyJson: lenientWriter(PRETTY),
  mustToPrettyJson: writer(PRETTY),
  toRawJson: writer(RAW),
  mustToRawJson: writer(RAW),
};
