// Signing in with a token where the server asks for one, and out again.

import { call } from "/static/api.js";
import { byId } from "/static/dom.js";
import { t } from "/static/i18n.js";

/** Ask for the token until the server takes it; resolves once there is a session. */
export function signIn() {
  const dialog = byId("token-ask");
  const fault = byId("token-fault");
  const say = (message) => { fault.textContent = message; fault.hidden = !message; };
  say(window.isSecureContext ? "" : t("token_insecure"));
  if (!dialog.open) dialog.showModal();
  dialog.addEventListener("cancel", (event) => event.preventDefault());
  return new Promise((resolve) => {
    byId("token-form").onsubmit = async (event) => {
      event.preventDefault();
      try {
        await call("POST", "/chat/session", { token: byId("token").value });
        byId("token").value = "";
        dialog.close();
        resolve();
      } catch (error) {
        say(error.message);
        byId("token").select();
      }
    };
  });
}

export async function signOut() {
  await call("DELETE", "/chat/session");
}
