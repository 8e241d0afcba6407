// What every part of the form needs: the draft, how to change it, and which error stands where.
import { createContext, useContext } from 'react';
import type { ProviderSchema } from '../../base/types';
import type { Draft, Json } from './draft';
import type { Problem, ProblemKey } from './validate';
import { useFormWords } from './words';

export interface ServerProblem {
  path: string;
  text: string;
}

export interface FormContext {
  draft: Draft;
  schemas: ProviderSchema[];
  before: Json | null; // what the endpoint has; null: it is new
  problems: Problem[];
  serverProblems: ServerProblem[];
  submitted: boolean;
  touched: ReadonlySet<string>;
  edit: (path: string, change: (draft: Draft) => Draft) => void;
  touch: (path: string) => void;
}

export const Form = createContext<FormContext | null>(null);

export function useForm(): FormContext {
  const form = useContext(Form);
  if (!form) throw new Error('useForm needs a Form');
  return form;
}

// Said while one types: what can only get worse, or what one should know before going on.
const atOnce: ProblemKey[] = [
  'nameCharacters',
  'nameLong',
  'nameReserved',
  'nameFixed',
  'descriptionLong',
  'fixed',
  'entityNameCharacters',
  'entityNameTwice',
  'keptLost',
  'notHere',
  'manyEntities',
];

/** The error at a place, in the gateway's own words or in the page's. */
export function useErrorAt(): (path: string) => string | undefined {
  const t = useFormWords();
  const { problems, serverProblems, submitted, touched } = useForm();
  return (path) => {
    const server = serverProblems.find((each) => each.path === path);
    if (server) return server.text;
    const own = problems.find((each) => each.path === path);
    if (!own || !(submitted || touched.has(path) || atOnce.includes(own.key))) return undefined;
    return t(own.key === 'total' ? 'totalProblem' : own.key, own.values);
  };
}

/** For a control: <TextField {...field(path)} /> */
export function useField(): (path: string) => { error: string | undefined; onBlur: () => void } {
  const errorAt = useErrorAt();
  const { touch } = useForm();
  return (path) => ({ error: errorAt(path), onBlur: () => touch(path) });
}

/** An error of a whole section. It takes the focus when it is the first of the form. */
export function SectionError({ path }: { path: string }) {
  const error = useErrorAt()(path);
  if (!error) return null;
  return (
    <p className="form-error" role="alert" tabIndex={-1} data-invalid>
      {error}
    </p>
  );
}
