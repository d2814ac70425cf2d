// Tables that are wider than the page scroll; whoever has no mouse reaches them by the tab key.
const reach = () => {
  for (const part of document.querySelectorAll(".md-typeset__scrollwrap"))
    if (part.scrollWidth > part.clientWidth) part.tabIndex = 0;
    else part.removeAttribute("tabindex");
};
new MutationObserver(reach).observe(document.documentElement, { childList: true, subtree: true });
addEventListener("resize", reach);
