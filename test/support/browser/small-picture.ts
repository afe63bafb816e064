import type { Page } from 'playwright-core';
import { encodePng } from '../../conformance/full/png.ts';

type Colour = readonly [number, number, number];

interface Bitmap {
  readonly width: number;
  /** Red, green, blue and opacity of each pixel, in base64. */
  readonly pixels: string;
}

/** The picture again with the 256 colours that it has most of; a screen has few others, and takes a third of the room. */
export async function smallPicture(page: Page, screenshot: Buffer): Promise<Buffer> {
  const { width, pixels } = await bitmapOf(page, screenshot);
  const bytes = Buffer.from(pixels, 'base64');
  const counts = new Map<number, number>();
  for (let at = 0; at < bytes.length; at += 4) {
    const colour = bytes.readUIntBE(at, 3);
    counts.set(colour, (counts.get(colour) ?? 0) + 1);
  }
  const byUse = [...counts].toSorted(([, a], [, b]) => b - a).map(([colour]) => colour);
  const palette = byUse.slice(0, 256).map(partsOf);
  const indexOf = new Map(
    byUse.map((colour, index) => [colour, index < 256 ? index : nearest(colour, palette)]),
  );
  const indexes = new Uint8Array(bytes.length / 4);
  for (let n = 0; n < indexes.length; n += 1) indexes[n] = indexOf.get(bytes.readUIntBE(4 * n, 3)) ?? 0;
  return encodePng(indexes, width, palette);
}

/** Has the browser decode the picture. */
async function bitmapOf(page: Page, screenshot: Buffer): Promise<Bitmap> {
  await page.goto('about:blank');
  return page.evaluate(async (data) => {
    const browser = globalThis as unknown as {
      createImageBitmap(blob: Blob): Promise<{ width: number; height: number }>;
      OffscreenCanvas: new (
        width: number,
        height: number,
      ) => {
        getContext(kind: '2d'): {
          drawImage(image: object, x: number, y: number): void;
          getImageData(x: number, y: number, w: number, h: number): { data: Uint8ClampedArray };
        };
      };
    };
    const encoded = Uint8Array.from(atob(data), (character) => character.charCodeAt(0));
    const image = await browser.createImageBitmap(new Blob([encoded]));
    const context = new browser.OffscreenCanvas(image.width, image.height).getContext('2d');
    context.drawImage(image, 0, 0);
    const bytes = context.getImageData(0, 0, image.width, image.height).data;
    let text = '';
    for (let at = 0; at < bytes.length; at += 8192)
      text += String.fromCharCode(...bytes.subarray(at, at + 8192));
    return { width: image.width, pixels: btoa(text) };
  }, screenshot.toString('base64'));
}

function partsOf(colour: number): Colour {
  return [colour >> 16, (colour >> 8) & 255, colour & 255];
}

function nearest(colour: number, palette: readonly Colour[]): number {
  const [red, green, blue] = partsOf(colour);
  const distances = palette.map(([r, g, b]) => (r - red) ** 2 + (g - green) ** 2 + (b - blue) ** 2);
  return distances.indexOf(Math.min(...distances));
}
