import { EVENT_ID, type Event } from 'js-yaml';

/** Takes the events of a text one after the other. */
export class EventReader {
  readonly #events: readonly Event[];
  #next = 0;

  constructor(events: readonly Event[]) {
    this.#events = events;
  }

  /** Whether all events are taken. */
  get atEnd(): boolean {
    return this.#next >= this.#events.length;
  }

  peek(): Event | undefined {
    return this.#events[this.#next];
  }

  /** Takes an event. Throws if there is none, which js-yaml does not let happen. */
  take(): Event {
    const event = this.#events[this.#next++];
    if (event === undefined) throw new Error('an event is missing');
    return event;
  }

  /** Takes the end of a document, list or map if it is next, and returns whether it is. */
  takeEnd(): boolean {
    const isEnd = this.peek()?.type === EVENT_ID.POP;
    if (isEnd) this.#next++;
    return isEnd;
  }
}
