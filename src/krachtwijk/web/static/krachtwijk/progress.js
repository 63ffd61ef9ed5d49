// SPDX-License-Identifier: EUPL-1.2
// Renews the part of the page that tells how the computation stands, as long as it is at work.
const SECONDS = 2;

async function renew() {
  const part = document.getElementById("stand");
  if (!part || part.dataset.stand !== "bezig") return;
  try {
    const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("stand");
    if (fresh && fresh.innerHTML !== part.innerHTML) {
      part.replaceChildren(...fresh.childNodes);
      part.dataset.stand = fresh.dataset.stand;
    }
  } catch {
    // no line to the site just now: the next round tries again
  }
  setTimeout(renew, SECONDS * 1000);
}

setTimeout(renew, SECONDS * 1000);
