// What mermaid-cli draws with, typed by hand as well: the Chromium of this machine, and none is downloaded.
module.exports = { executablePath: `${__dirname}/pictures/chromium.sh`, skipDownload: true };
