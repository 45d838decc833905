/**
 * Takes files that are dropped anywhere on the page, so that the browser never opens one in its place. A field may have
 * taken them before.
 *
 * @param onFiles gets the files and the element that they were dropped on
 */
export function takeDroppedFiles(onFiles: (files: readonly File[], target: Element) => void): void {
  const show = (shown: boolean): void => {
    document.body.classList.toggle('dropping', shown);
  };
  addEventListener('dragover', (event) => {
    if (event.dataTransfer?.types.includes('Files') !== true) return;
    event.preventDefault();
    show(true);
  });
  addEventListener('dragleave', (event) => {
    if (event.relatedTarget === null) show(false);
  });
  addEventListener('drop', (event) => {
    show(false);
    if (event.defaultPrevented) return;
    const files = [...(event.dataTransfer?.files ?? [])];
    if (files.length === 0) return;
    event.preventDefault();
    if (event.target instanceof Element) onFiles(files, event.target);
  });
}
