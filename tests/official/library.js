// Asks Twilio's npm package to sign requests, and to judge signatures. Each line of
// standard input is one question in JSON, and each line of the output its answer:
// {"token", "url", "form", "body"} is signed, and with a "signature" it is judged.
// "form" holds pairs of names and values; "body" is the text of any other body, or null.
"use strict";

const fs = require("fs");
const twilio = require("twilio");

// As a web framework does: a repeated name has a list of values.
function grouped(pairs) {
  const form = Object.create(null);
  for (const [name, value] of pairs) {
    form[name] = name in form ? [].concat(form[name], value) : value;
  }
  return form;
}

function sign({ token, url, form, body }) {
  if (body !== null) {
    const separator = url.includes("?") ? "&" : "?";
    url += `${separator}bodySHA256=${twilio.getExpectedBodyHash(body)}`;
  }
  return { url, signature: twilio.getExpectedTwilioSignature(token, url, grouped(form)) };
}

function judge({ token, url, form, body, signature }) {
  return body === null
    ? twilio.validateRequest(token, signature, url, grouped(form))
    : twilio.validateRequestWithBody(token, signature, url, body);
}

const answers = fs
  .readFileSync(0, "utf8")
  .trimEnd()
  .split("\n")
  .map((line) => JSON.parse(line))
  .map((question) => ("signature" in question ? judge(question) : sign(question)))
  .map((answer) => JSON.stringify(answer));
fs.writeSync(1, `${answers.join("\n")}\n`);
