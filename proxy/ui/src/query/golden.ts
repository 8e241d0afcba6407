// For tests: the streams and answers that the gateway itself is tested with.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const top = join(process.cwd(), '../../tests/golden');

function files(ending: string): string[] {
  return readdirSync(top, { withFileTypes: true })
    .filter((each) => each.isDirectory())
    .flatMap((dir) => readdirSync(join(top, dir.name)).map((file) => `${dir.name}/${file}`))
    .filter((file) => file.endsWith(ending));
}

export const goldenStreams = (): [string, string][] =>
  files('-stream.gateway.sse').map((file) => [file, readFileSync(join(top, file), 'utf8')]);

export const goldenAnswers = (): [string, { status: number; body: unknown }][] =>
  files('.gateway.json')
    .map((file): [string, { status?: number; body: unknown }] => [file, JSON.parse(readFileSync(join(top, file), 'utf8'))])
    .filter((each): each is [string, { status: number; body: unknown }] => typeof each[1].status === 'number');
