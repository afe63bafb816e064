import rateLimit, { normalizeIP } from '@fastify/rate-limit';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { CAPTURE_FIELDS } from '../core/capture-field.ts';
import { AppError } from '../core/errors.ts';
import { describeError } from '../core/log.ts';
import type { Logger } from '../core/log.ts';
import type { Meter } from '../core/meter.ts';
import type { PayLink, PayLinks } from '../self-service/pay-links.ts';
import { SCRIPT_ASSETS, STYLE_ASSET } from './assets.ts';
import { FormBody } from './form-body.ts';
import { pickLanguage } from './language.ts';
import type { Language } from './language.ts';
import { PAGE_HEADERS } from './page-headers.ts';
import { messagePage, paymentPage } from './pages.ts';
import { ReadBlock } from './read-block.ts';

const WINDOW_MS = 60_000;
/** Wrong links per address; right ones still work beyond it, since many payers may come through one proxy. */
const MISSES_PER_ADDRESS = 30;
/** Looks at one link: a person reloads, a preview looks once. */
const VIEWS_PER_LINK = 60;
/** Forms sent from one link; how many cards are charged is the profile's `maxAttempts`. */
const FORMS_PER_LINK = 10;
/** Counts of digits from one link: seven requests a second while somebody types. */
const COUNTS_PER_LINK = 600;
/** How soon a browser looks again while the outcome is not known. */
const REFRESH_SECONDS = { processing: 2, unknown: 15 } as const;

const PROGRESS = /^field=([a-z-]{1,40})&length=(\d{1,2})$/;

export interface PayPageDependencies {
  readonly links: PayLinks;
  readonly meter: Meter;
  readonly logger: Logger;
}

type PayRequest = FastifyRequest<{ Params: { token: string } }>;
type Limit = ReturnType<FastifyInstance['createRateLimit']>;

/** The payer's page: the form behind a link, and what became of the payment. GET changes nothing. */
export async function servePayPage(scope: FastifyInstance, deps: PayPageDependencies): Promise<void> {
  await scope.register(rateLimit, { global: false });
  scope.addHook('onRequest', async (_request, reply) => {
    void reply.headers(PAGE_HEADERS);
  });
  serveAssets(scope);
  // The body is read by whoever handles it, as bytes; nobody else gets to see it.
  scope.removeAllContentTypeParsers();
  scope.addContentTypeParser('application/x-www-form-urlencoded', (_request, payload, done) =>
    done(null, payload),
  );
  scope.setErrorHandler((error, request, reply) => answerError(deps.logger, error, request, reply));
  new PayPage(scope, deps).addRoutes(scope);
}

class PayPage {
  readonly #deps: PayPageDependencies;
  readonly #block = new ReadBlock();
  readonly #misses: Limit;
  readonly #views: Limit;
  readonly #forms: Limit;
  readonly #counts: Limit;

  constructor(scope: FastifyInstance, deps: PayPageDependencies) {
    this.#deps = deps;
    const perLink = (max: number): Limit =>
      scope.createRateLimit({
        max,
        timeWindow: WINDOW_MS,
        keyGenerator: (request) => (request as PayRequest).params.token,
      });
    this.#misses = scope.createRateLimit({
      max: MISSES_PER_ADDRESS,
      timeWindow: WINDOW_MS,
      keyGenerator: (request) => normalizeIP(request.ip),
    });
    this.#views = perLink(VIEWS_PER_LINK);
    this.#forms = perLink(FORMS_PER_LINK);
    this.#counts = perLink(COUNTS_PER_LINK);
    scope.addHook('onClose', () => this.#block.close());
  }

  addRoutes(scope: FastifyInstance): void {
    const options = { schema: { hide: true } };
    scope.get<{ Params: { token: string } }>('/pay/:token', options, async (request, reply) =>
      this.#show(request, reply),
    );
    scope.post<{ Params: { token: string } }>('/pay/:token', options, async (request, reply) =>
      this.#submit(request, reply),
    );
    scope.post<{ Params: { token: string } }>('/pay/:token/opened', options, async (request, reply) => {
      await this.#withBody(request, async () => (await this.#find(request, this.#views)).opened());
      return reply.code(204).send();
    });
    scope.post<{ Params: { token: string } }>('/pay/:token/progress', options, async (request, reply) => {
      await this.#withBody(request, async (body) => {
        const text = body.text();
        this.#count(await this.#find(request, this.#counts), text);
      });
      return reply.code(204).send();
    });
  }

  async #show(request: PayRequest, reply: FastifyReply): Promise<FastifyReply> {
    const view = (await this.#find(request, this.#views)).view();
    const { state } = view;
    if (state === 'processing' || state === 'unknown') void reply.header('refresh', REFRESH_SECONDS[state]);
    return sendPage(reply, 200, paymentPage(languageOf(request), view));
  }

  /** Whatever came of the form, its page says: going back and reloading send nothing again. */
  async #submit(request: PayRequest, reply: FastifyReply): Promise<FastifyReply> {
    await this.#withBody(request, async (body) => {
      const link = await this.#find(request, this.#forms);
      const fields = link.view().fields.map(({ field }) => field);
      const charged = link.submit(body.entries(fields));
      body.wipe();
      await charged;
    });
    return reply.redirect(`?lang=${languageOf(request)}`, 303);
  }

  #count(link: PayLink, text: string | null): void {
    const [, word, length] = PROGRESS.exec(text ?? '') ?? [];
    const field = CAPTURE_FIELDS.find((each) => each === word);
    if (field === undefined) throw new AppError('REQUEST_INVALID');
    link.typed(field, Number(length));
  }

  /** Reads the body first, whatever the answer will be: a card may stand in it, and must not stay in the process. */
  async #withBody(request: PayRequest, use: (body: FormBody) => Promise<void>): Promise<void> {
    if (request.body === undefined) throw new AppError('REQUEST_INVALID');
    try {
      const body = await FormBody.read(request.raw);
      try {
        await Promise.all([use(body), this.#overwriteBlock()]);
      } finally {
        body.wipe();
      }
    } catch (error) {
      // Also when it was too long, or its sender left.
      await this.#overwriteBlock();
      throw error;
    }
  }

  /** Never rejects: what became of the card is more than what became of its copy. */
  async #overwriteBlock(): Promise<void> {
    try {
      await this.#block.overwrite();
    } catch (error) {
      this.#deps.logger.error('a card may be left where it was read', describeError(error));
    }
  }

  /** Throws the one answer to every link that does not work, or `RATE_LIMITED`. */
  async #find(request: PayRequest, limit: Limit): Promise<PayLink> {
    const link = await this.#deps.links.find(request.params.token);
    if (link !== null) {
      await refuseBeyond(limit, request);
      return link;
    }
    this.#deps.meter.counter('auth_failures_total', { kind: 'pay-link' }).add(1);
    await refuseBeyond(this.#misses, request);
    throw new AppError('PAYMENT_NOT_FOUND');
  }
}

async function refuseBeyond(limit: Limit, request: FastifyRequest): Promise<void> {
  const counted = await limit(request);
  if (!counted.isAllowed && counted.isExceeded) throw new AppError('RATE_LIMITED');
}

function serveAssets(scope: FastifyInstance): void {
  for (const asset of [...SCRIPT_ASSETS, STYLE_ASSET]) {
    scope.get(asset.path, { schema: { hide: true } }, (_request, reply) =>
      reply.type(asset.type).send(asset.body),
    );
  }
}

function answerError(logger: Logger, error: unknown, request: FastifyRequest, reply: FastifyReply): void {
  const status =
    error instanceof AppError ? error.status : Number((error as { statusCode?: unknown }).statusCode);
  const language = languageOf(request);
  switch (status) {
    case 404:
      void sendPage(reply, 404, messagePage(language, 'gone'));
      return;
    case 429:
      void sendPage(reply.header('retry-after', WINDOW_MS / 1000), 429, messagePage(language, 'limited'));
      return;
    case 503:
      void sendPage(reply.header('retry-after', 5), 503, messagePage(language, 'unavailable'));
      return;
    default: {
      const isTheirs = status >= 400 && status < 500;
      if (!isTheirs) logger.error('the pay page failed', { requestId: request.id, ...describeError(error) });
      void sendPage(reply, isTheirs ? status : 500, messagePage(language, isTheirs ? 'refused' : 'broken'));
    }
  }
}

function languageOf(request: FastifyRequest): Language {
  const { lang } = request.query as { readonly lang?: unknown };
  return pickLanguage(lang, request.headers['accept-language']);
}

function sendPage(reply: FastifyReply, status: number, page: string): FastifyReply {
  return reply.code(status).header('vary', 'accept-language').type('text/html; charset=utf-8').send(page);
}
