// A click on a folded group shows the picture in which it is open; one on its title, folded again.
for (const drawing of document.querySelectorAll(".moreish-drawing:not([data-ready])")) {
  drawing.setAttribute("data-ready", "");
  const pictures = drawing.querySelectorAll("details");
  drawing.addEventListener("click", (event) => {
    const button = event.target.closest("[data-turn]");
    if (!button) return;
    const number = button.closest("[data-group]").getAttribute("data-group");
    const picture = pictures[button.getAttribute("data-turn")];
    button.closest("details").open = false;
    picture.open = true;
    const group = picture.querySelector(`[data-group="${number}"]`);
    group.scrollIntoView({ block: "nearest", inline: "nearest" });
    group.animate({ opacity: [0.2, 1] }, 600);
  });
}
