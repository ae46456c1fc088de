// Draws pictures in a page and writes down where everything is: for browser.py, which reads it from the page.
"use strict";

const box = (rectangle) => [rectangle.left, rectangle.top, rectangle.width, rectangle.height];

// Each piece of text below `element`: what it says, on how many lines, and where.
function texts(element) {
  const found = [];
  const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode;
    if (!node.textContent.trim() || node.parentElement.closest("style, title, desc, script")) continue;
    const range = document.createRange();
    range.selectNodeContents(node);
    const lines = new Set([...range.getClientRects()].map((line) => Math.round(line.top)));
    found.push({ text: node.textContent, lines: lines.size, box: box(range.getBoundingClientRect()) });
  }
  return found;
}

// Points along `path`, on the page.
function points(path) {
  const matrix = path.getScreenCTM();
  const found = [];
  for (let length = 0; length <= path.getTotalLength(); length += 10) {
    const point = path.getPointAtLength(length).matrixTransform(matrix);
    found.push([point.x, point.y]);
  }
  return found;
}

// How each element below `svg` is painted.
function paints(svg) {
  return [...svg.querySelectorAll("rect, path, text, tspan")].map((element) => {
    const style = getComputedStyle(element);
    return [style.fill, style.stroke, style.strokeDasharray, style.fontSize, style.fontWeight, style.height].join(" ");
  });
}

function measure(svg, boxes, ways, shape) {
  return {
    box: box(svg.getBoundingClientRect()),
    boxes: [...svg.querySelectorAll(boxes)].map((element) => ({
      box: box((shape ? element.querySelector(shape) : element).getBoundingClientRect()),
      texts: texts(element),
    })),
    texts: texts(svg),
    ways: [...svg.querySelectorAll(ways)].map(points),
    paints: paints(svg),
  };
}

async function draw(kind, text, number, place) {
  if (kind === "svg") {
    const parsed = new DOMParser().parseFromString(text, "image/svg+xml");
    const error = parsed.querySelector("parsererror");
    if (error) throw new Error(error.textContent);
    place.append(document.importNode(parsed.documentElement, true));
    const [card, way] = ["rect.pyf-card", "path.pyf-way"];
    return measure(place.querySelector("svg"), `g:has(> ${card}):not(:has(> ${way}))`, way, card);
  }
  const made = await mermaid.render(`picture${number}`, text);
  place.innerHTML = made.svg;
  return measure(place.querySelector("svg"), "g.node", "path.flowchart-link", ".label-container, .basic");
}

async function run() {
  const { kind, pictures } = JSON.parse(document.getElementById("input").textContent);
  if (kind === "mermaid") mermaid.initialize({ startOnLoad: false, securityLevel: "strict" });
  const results = [];
  for (const [number, text] of pictures.entries()) {
    const place = document.body.appendChild(document.createElement("div"));
    try {
      results.push(await draw(kind, text, number, place));
    } catch (error) {
      results.push({ error: String(error) });
    }
  }
  document.getElementById("output").textContent = JSON.stringify(results);
}

run();
