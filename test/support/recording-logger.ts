import type { LogFields, Logger } from '../../src/core/log.ts';

/** Keeps every line, for tests that ask what was logged. */
export class RecordingLogger implements Logger {
  readonly lines: { readonly level: string; readonly message: string; readonly fields: LogFields }[] = [];

  debug = (message: string, fields: LogFields = {}): void => this.#add('debug', message, fields);
  info = (message: string, fields: LogFields = {}): void => this.#add('info', message, fields);
  warn = (message: string, fields: LogFields = {}): void => this.#add('warn', message, fields);
  error = (message: string, fields: LogFields = {}): void => this.#add('error', message, fields);

  #add(level: string, message: string, fields: LogFields): void {
    this.lines.push({ level, message, fields });
  }
}
