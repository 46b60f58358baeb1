// Ten councils, played in JavaScript, and a facilitation board that never sees their wishes or
// techniques: only what they propose at the prices it announces (docs/protocol.md).
//
//   node councils.js [--journal FILE] [--threshold X] [--json | --economy] [-- COMMAND...]
//
// COMMAND starts parecon (default: parecon). Needs Node 18.3 or newer, and no packages. Started again
// with the journal of a run that was cut short, it goes on with the same announcement.
"use strict";

const { spawn } = require("node:child_process");
const readline = require("node:readline");
const { parseArgs } = require("node:util");

// -- the economy --------------------------------------------------------------------------------

const GOODS = ["land", "labour", "wheat", "bread", "iron", "tools", "cloth"];
const ENDOWMENT = { land: 120, labour: 400 }; // hectares, working weeks

// Output = productivity * product of inputs to their exponents; returns fall as exponents sum < 1.
const WORKERS = [
  { name: "north farm", makes: "wheat", productivity: 4, exponents: { land: 0.35, labour: 0.3, tools: 0.1 } },
  { name: "south farm", makes: "wheat", productivity: 5, exponents: { land: 0.4, labour: 0.3, tools: 0.1 } },
  { name: "bakery", makes: "bread", productivity: 3, exponents: { wheat: 0.5, labour: 0.25 } },
  { name: "mine", makes: "iron", productivity: 2, exponents: { land: 0.1, labour: 0.5, tools: 0.2 } },
  { name: "toolmakers", makes: "tools", productivity: 2.5, exponents: { iron: 0.45, labour: 0.3 } },
  { name: "weavers", makes: "cloth", productivity: 3, exponents: { wheat: 0.2, labour: 0.4, tools: 0.15 } },
];

// Each household spends fixed shares of its budget.
const HOUSEHOLDS = [
  { name: "Ada", budget: 300, shares: { bread: 0.6, cloth: 0.3, tools: 0.1 } },
  { name: "Ben", budget: 250, shares: { bread: 0.5, cloth: 0.5 } },
  { name: "Cleo", budget: 350, shares: { bread: 0.3, cloth: 0.3, tools: 0.2, land: 0.2 } },
  { name: "Dan", budget: 200, shares: { bread: 0.8, tools: 0.2 } },
];

// What a worker council would do at prices p: the quantities that leave most value to society.
// Sensitivities, d(supply - demand) / d log price of the same good, let the board adjust faster.
function proposalOfWorkers(council, p) {
  const inputs = Object.entries(council.exponents);
  const returns = inputs.reduce((sum, [, b]) => sum + b, 0);
  let log = Math.log(council.productivity) + returns * Math.log(p[council.makes]);
  for (const [good, b] of inputs) log += b * Math.log(b / p[good]);
  const output = Math.exp(log / (1 - returns));
  const proposal = {
    kind: "workers",
    supply: { [council.makes]: output },
    demand: {},
    sensitivity: { [council.makes]: (output * returns) / (1 - returns) },
  };
  for (const [good, b] of inputs) {
    proposal.demand[good] = (b * p[council.makes] * output) / p[good];
    proposal.sensitivity[good] = proposal.demand[good] * (1 + b / (1 - returns));
  }
  return proposal;
}

function proposalOfHousehold(council, p) {
  const demand = {};
  for (const [good, share] of Object.entries(council.shares)) demand[good] = (council.budget * share) / p[good];
  return { kind: "consumers", budget: council.budget, demand, sensitivity: demand };
}

// -- the board ----------------------------------------------------------------------------------

// One request is one line, and its answer is the next line that comes back.
class Board {
  constructor(command, journal) {
    const [program, ...rest] = [...command, "facilitate", "--journal", journal, "--stdio", "--quiet"];
    this.process = spawn(program, rest, { stdio: ["pipe", "pipe", "inherit"] });
    this.ended = new Promise((resolve, reject) => {
      this.process.on("error", reject);
      this.process.on("close", resolve);
    });
    this.process.stdin.on("error", () => {}); // the board has ended: the missing answer tells
    this.answers = readline.createInterface({ input: this.process.stdout })[Symbol.asyncIterator]();
  }

  async request(message) {
    this.process.stdin.write(JSON.stringify(message) + "\n");
    const line = await this.answers.next();
    if (line.done) throw new Error(`the board has ended with code ${await this.ended}`);
    const answer = JSON.parse(line.value);
    if (!answer.ok) throw new Error(answer.error.message);
    return answer;
  }
}

async function plan(board, threshold) {
  await board.request({ do: "hello", protocol: 1 });
  await board.request({
    do: "open",
    goods: GOODS,
    start_price: 10,
    endowment: ENDOWMENT,
    threshold,
    councils: [...WORKERS, ...HOUSEHOLDS].map(({ name }) => name),
  });
  for (;;) {
    // the board closes a round when everybody has answered; until then it repeats itself
    const announcement = await board.request({ do: "ask" });
    if (announcement.settled) break;
    const { round, price } = announcement;
    const answers = [
      ...WORKERS.map((council) => [council.name, proposalOfWorkers(council, price)]),
      ...HOUSEHOLDS.map((council) => [council.name, proposalOfHousehold(council, price)]),
    ];
    for (const [council, proposal] of answers) {
      await board.request({ do: "tell", round, council, ...proposal });
    }
  }
  const delivered = await board.request({ do: "deliver" });
  await board.request({ do: "close" });
  return delivered;
}

// -- what people see ------------------------------------------------------------------------------

function show(delivered) {
  console.log(`Settled in round ${delivered.round}.\n`);
  console.log("good         price     supply     demand");
  for (const good of GOODS) {
    const numbers = [delivered.price, delivered.supply, delivered.demand].map((of) => of[good].toFixed(3).padStart(10));
    console.log(good.padEnd(8) + numbers.join(" "));
  }
  console.log("\nWhat councils deliver of what they proposed:");
  for (const [council, fraction] of Object.entries(delivered.fractions)) {
    console.log(`${council.padEnd(12)} ${(100 * fraction).toFixed(4)} %`);
  }
}

async function main() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      journal: { type: "string", default: "councils.sqlite" },
      threshold: { type: "string", default: "0.001" },
      json: { type: "boolean" },
      economy: { type: "boolean" },
    },
  });
  if (values.economy) {
    console.log(JSON.stringify({ goods: GOODS, endowment: ENDOWMENT, workers: WORKERS, households: HOUSEHOLDS }));
    return;
  }
  const threshold = Number(values.threshold);
  if (!(threshold > 0)) throw new Error(`--threshold: expected a number above 0, got ${values.threshold}`);
  const board = new Board(positionals.length ? positionals : ["parecon"], values.journal);
  board.ended.catch(() => {}); // reported by the request that waits
  try {
    const delivered = await plan(board, threshold);
    if (values.json) console.log(JSON.stringify(delivered));
    else show(delivered);
  } finally {
    board.process.stdin.end(); // the end of its input ends the board
  }
  process.exitCode = await board.ended;
}

main().catch((error) => {
  console.error(`councils.js: ${error.message}`);
  process.exitCode = 1;
});
