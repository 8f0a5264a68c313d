// One comment on a pull request: made once, then updated.

/** Answers of the API that may be another the next time: it is busy, or something between is. */
const isTransient = (status) => status === 429 || status >= 500;

/**
 * Makes the comment whose first line is `marker`, or gives it a new text; answers its address.
 *
 * `api` is the address of the API, `repository` is `owner/name`, `number` that of the pull request. Only a comment of a bot is
 * updated: whoever else begins a comment with the marker keeps it. A text that is there already is not written again.
 *
 * Source: https://docs.github.com/en/rest/issues/comments
 */
export async function comment({ api, token, repository, number, body, marker, pause = 1000 }) {
  if (!body.startsWith(`${marker}\n`)) {
    throw new Error(`the text of the comment does not begin with ${marker}`);
  }
  const call = async (method, address, value) => {
    for (let attempt = 1; ; attempt += 1) {
      const response = await fetch(address, {
        method,
        headers: {
          accept: "application/vnd.github+json",
          authorization: `Bearer ${token}`,
          "content-type": "application/json",
          "user-agent": "meshsynth",
          "x-github-api-version": "2022-11-28",
        },
        body: value && JSON.stringify(value),
      });
      if (response.ok) {
        return await response.json();
      }
      const text = await response.text();
      // A comment that was perhaps made is not made again: the next run finds and updates it.
      if (!isTransient(response.status) || method === "POST" || attempt === 3) {
        throw new Error(`${method} ${new URL(address).pathname} answers ${response.status}: ${text}`);
      }
      await new Promise((done) => setTimeout(done, pause * attempt));
    }
  };
  const comments = `${api}/repos/${repository}/issues/${number}/comments`;
  for (let page = 1; ; page += 1) {
    const found = await call("GET", `${comments}?per_page=100&page=${page}`);
    const ours = found.find((it) => it.user?.type === "Bot" && firstLine(it.body) === marker);
    if (ours) {
      // GitHub keeps lines with either end.
      const isSame = ours.body.replaceAll("\r\n", "\n").trim() === body.trim();
      return isSame ? ours.html_url : (await call("PATCH", ours.url, { body })).html_url;
    }
    if (found.length < 100) {
      return (await call("POST", comments, { body })).html_url;
    }
  }
}

const firstLine = (text) => (text ?? "").split("\n", 1)[0].trim();
