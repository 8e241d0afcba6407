import { useCallback, useEffect, useRef, useState } from 'react';
import { ask } from '../../query/ask';
import { queryPath } from '../../query/tasks';
import {
  bodyOf,
  emptyChat,
  isBusy,
  messagesFor,
  withEndpoints,
  withoutColumn,
  withReply,
  withTurn,
  type Chat,
  type Settings,
} from './chat';

export interface ChatControl {
  chat: Chat;
  setEndpoints: (endpoints: string[]) => void;
  removeColumn: (id: number) => void;
  send: (text: string, settings: Settings, instead?: boolean) => void;
  retry: (turn: number, column: number, settings: Settings) => void;
  stop: (turn: number, column: number) => void;
  stopAll: () => void;
  clear: () => void;
}

const keyOf = (turn: number, column: number) => `${turn}/${column}`;

/** The conversation and the queries that are under way for it. Each stands by itself: none stops another. */
export function useChat(endpoints: string[]): ChatControl {
  const [chat, setChat] = useState<Chat>(() => emptyChat(endpoints));
  const latest = useRef(chat); // what the next query is made of, also before React has drawn it
  const asked = useRef(new Map<string, AbortController>());

  const change = useCallback((next: Chat) => {
    latest.current = next;
    setChat(next);
  }, []);

  const stopWhere = useCallback((isMeant: (key: string) => boolean) => {
    for (const [key, control] of asked.current) if (isMeant(key)) control.abort();
  }, []);
  const stopAll = useCallback(() => stopWhere(() => true), [stopWhere]);
  useEffect(() => stopAll, [stopAll]);

  const begin = useCallback(
    (turn: number, column: number, settings: Settings) => {
      const endpoint = latest.current.columns.find((each) => each.id === column)?.endpoint;
      if (!endpoint) return;
      const key = keyOf(turn, column);
      asked.current.get(key)?.abort();
      const control = new AbortController();
      asked.current.set(key, control);
      void ask({
        path: queryPath(endpoint),
        body: bodyOf(settings, messagesFor(latest.current, column, turn, settings.system)),
        signal: control.signal,
        onChange: (run) => {
          if (asked.current.get(key) === control) change(withReply(latest.current, turn, column, { endpoint, run }));
        },
      }).then(() => {
        if (asked.current.get(key) === control) asked.current.delete(key);
      });
    },
    [change],
  );

  const send = useCallback(
    (text: string, settings: Settings, instead = false) => {
      change(withTurn(latest.current, text, instead));
      const turn = latest.current.turns.at(-1)!;
      for (const { id } of latest.current.columns) begin(turn.id, id, settings);
    },
    [begin, change],
  );

  const retry = useCallback(
    (turn: number, column: number, settings: Settings) => {
      const now = latest.current;
      const endpoint = now.columns.find((each) => each.id === column)?.endpoint;
      if (!endpoint || isBusy(now.turns.find((each) => each.id === turn)?.replies[column])) return;
      change(withReply(now, turn, column, { endpoint, run: null }));
      begin(turn, column, settings);
    },
    [begin, change],
  );

  return {
    chat,
    send,
    retry,
    stopAll,
    setEndpoints: useCallback((names: string[]) => change(withEndpoints(latest.current, names)), [change]),
    removeColumn: useCallback(
      (id: number) => {
        stopWhere((key) => key.endsWith(`/${id}`));
        change(withoutColumn(latest.current, id));
      },
      [change, stopWhere],
    ),
    stop: useCallback((turn: number, column: number) => stopWhere((key) => key === keyOf(turn, column)), [stopWhere]),
    clear: useCallback(() => {
      stopAll();
      asked.current.clear();
      change({ ...latest.current, turns: [] });
    }, [change, stopAll]),
  };
}
