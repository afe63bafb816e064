export function drawPlots(folder: string): void {
  console.log(folder);
}
