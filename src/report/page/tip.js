// One box of words, beside whatever is pointed at, tapped or focused.

const tipBox = document.getElementById("tip");

function showTip(event, ...children) {
  tipBox.replaceChildren(...children.flat().filter(Boolean));
  tipBox.hidden = false;
  const { clientX: x, clientY: y } = event;
  const { offsetWidth: width, offsetHeight: height } = tipBox;
  const [roomX, roomY] = [document.documentElement.clientWidth, window.innerHeight];
  tipBox.style.left = `${Math.max(8, Math.min(x + 14, roomX - width - 8))}px`;
  tipBox.style.top = `${y + 18 + height < roomY ? y + 18 : Math.max(8, y - height - 14)}px`;
}
const hideTip = () => (tipBox.hidden = true);
window.addEventListener("scroll", hideTip, { passive: true });
window.addEventListener("keydown", (event) => event.key === "Escape" && hideTip());

const tipTitle = (text) => html("b", {}, text);
const tipLine = (text) => html("span", { class: "line" }, text);

/** Where a pointer is in an element, in its own pixels. */
function within(element, event) {
  const { left, top } = element.getBoundingClientRect();
  return [event.clientX - left, event.clientY - top];
}
