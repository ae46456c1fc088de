"""A frontend of its own: a list of pages becomes an image with a web server.

    # syntax=ourorg/pages
    from busybox
    page index Hello, world
    files static

``from`` names the image below the pages, ``page`` makes one, ``files`` takes a folder of the context.
"""

from __future__ import annotations

from pyfrontend import Client, Image, frontend, llb

HTML = "<!doctype html>\n<title>{name}</title>\n<p>{text}</p>\n"
ESCAPES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}


@frontend
def pages(client: Client) -> Image:
    """Read the lines of the file, and put what they say on top of each other."""
    base, site, count = llb.scratch(), llb.scratch(), 0
    for number, line in enumerate(client.text.splitlines(), 1):
        word, _, rest = line.strip().partition(" ")
        if not word or word.startswith("#"):
            continue
        if word == "from":
            base = base_image(client, rest.strip(), number)
        elif word == "page":
            site, count = with_page(site, rest.strip()), count + 1
        elif word == "files":
            site = site.copy(client.context([rest.strip()]), rest.strip(), "/www/", name=f"files {rest}")
        else:
            raise client.error(f"there is no {word}: lines begin with from, page or files", line=number)
    if not count:
        client.warn("NoPages", "there is no page, so the site is empty")
    state = llb.merge(base, site).cwd("/www")
    return Image(state, cmd=["httpd", "-f", "-p", "8080"], ports=["8080/tcp"], labels={"pages": str(count)})


def base_image(client: Client, name: str, number: int) -> llb.State:
    """Return an image that was named; a bad name is an error at its line."""
    if name == "scratch":
        return llb.scratch()
    try:
        return client.image(name)
    except ValueError as error:
        raise client.error(f"{name} is no image: {error}", line=number) from error


def with_page(site: llb.State, text: str) -> llb.State:
    """Return the site with one more page."""
    name, _, text = text.partition(" ")
    for char, escape in ESCAPES.items():
        text = text.replace(char, escape)
    return site.mkdir("/www", parents=True).mkfile(f"/www/{name}.html", HTML.format(name=name, text=text))


if __name__ == "__main__":
    pages()
