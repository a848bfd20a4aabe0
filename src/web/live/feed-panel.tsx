// Quality messages: what operator, guest, client and system say to each other. A text that begins with `!` is a marker.

import { useEffect, useRef, useState } from 'preact/hooks';
import type { Live } from './live.ts';
import { liveApi, operator, setOperator } from './live-api.ts';
import { useAsking } from './use-asking.ts';

const MAX_TEXT = 1_000;

export function FeedPanel({ live }: { live: Live }) {
  const messages = live.store.feed.value;
  const [text, setText] = useState('');
  const [name, setName] = useState(operator);
  const { isBusy, problem, ask } = useAsking();
  const list = useRef<HTMLOListElement>(null);
  const stays = useRef(true);
  useEffect(() => {
    if (list.current !== null && stays.current) list.current.scrollTop = list.current.scrollHeight;
  }, [messages]);
  const send = () =>
    ask(async () => {
      await liveApi.say(text.trim());
      setText('');
    });
  const refresh = () =>
    ask(async () => {
      const state = await liveApi.state();
      live.store.feed.value = state.feed;
    });
  return (
    <section class="panel feed" aria-label="Messages">
      <header class="panel-head">
        <h2>Messages</h2>
        <span class="page-actions">
          <button type="button" class="quiet" disabled={isBusy} onClick={refresh}>
            refresh
          </button>
          <button
            type="button"
            class="quiet"
            disabled={isBusy || messages.length === 0}
            onClick={() => ask(() => liveApi.clearFeed())}
          >
            clear
          </button>
        </span>
      </header>
      <ol
        ref={list}
        tabIndex={0}
        onScroll={(event) => {
          const { scrollTop, scrollHeight, clientHeight } = event.currentTarget;
          stays.current = scrollTop + clientHeight > scrollHeight - 24;
        }}
      >
        {messages.length === 0 && (
          <li class="muted">Nothing was said yet. A text that begins with ! marks all charts.</li>
        )}
        {messages.map(({ id, timeS, source, text: said }) => (
          <li key={id} data-marker={said.startsWith('!') ? '' : undefined}>
            <time class="muted">{live.timeText(Math.round(timeS + live.originS()) - live.originS())}</time>
            <b>{source}</b>
            <span>
              {said.startsWith('!') && <span aria-label="marker">⚑ </span>}
              {said.startsWith('!') ? said.slice(1).trim() : said}
            </span>
          </li>
        ))}
      </ol>
      {problem !== null && (
        <p class="part-note bad" role="alert">
          ✕ {problem}
        </p>
      )}
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (text.trim() !== '') send();
        }}
      >
        <input
          type="text"
          class="value who"
          aria-label="Your name"
          title="who speaks and steers, as others see it"
          value={name}
          maxLength={64}
          onInput={(event) => setName(event.currentTarget.value)}
          onChange={() => setOperator(name)}
        />
        <input
          type="text"
          class="value say"
          id="live-say"
          aria-label="Message"
          placeholder="say something, or !mark this moment"
          maxLength={MAX_TEXT}
          value={text}
          onInput={(event) => setText(event.currentTarget.value)}
        />
        <button type="submit" disabled={isBusy || text.trim() === ''}>
          Send
        </button>
      </form>
    </section>
  );
}
