export function show({ greeting }) {
  document.body.textContent = `${greeting}, from a bundle`;
}
