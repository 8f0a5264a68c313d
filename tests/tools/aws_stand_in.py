"""A minimal local AWS for deployments to clusters: stacks that are created immediately, with generated outputs according to
their templates. EKS returns the API servers of the test, and STS identifies the user of an EKS token.

Other tests check stacks, with an emulator and with faults.
"""

import base64
import datetime
import http.server
import json
import re
import threading
import urllib.parse
import xml.sax.saxutils

ACCOUNT = "111122223333"
BUCKET = "templates"


def tag(name, value):
    return f"<{name}>{xml.sax.saxutils.escape(str(value))}</{name}>"


def members(name, rows):
    return f"<{name}>" + "".join(f"<member>{row}</member>" for row in rows) + f"</{name}>"


def now():
    return datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"


class Fault(Exception):
    def __init__(self, status, code, text):
        super().__init__(text)
        self.status, self.code = status, code


class Aws(http.server.ThreadingHTTPServer):
    """The endpoint for all services and regions."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Answer)
        self.lock = threading.RLock()
        # Stacks by region and name, API servers by region and cluster name, objects by path with a version.
        self.stacks, self.clusters, self.objects = {}, {}, {}
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_address[1]}"


class Answer(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def go(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        path = urllib.parse.unquote(self.path.partition("?")[0])
        # `Credential=<key>/<day>/<region>/<service>/aws4_request`
        scope = re.search(r"Credential=[^/]*/[^/]*/([^/]*)/([^/]*)/", self.headers.get("Authorization", ""))
        region, service = scope.groups() if scope else ("", "")
        more = {}
        try:
            with self.server.lock:
                if path == "/who":
                    status, text = 200, json.dumps(who(json.loads(body)))
                elif service == "s3":
                    status, text = 200, self.object(path, body, more)
                elif service == "eks":
                    status, text = 200, json.dumps({"cluster": self.cluster(region, path.rsplit("/", 1)[1])})
                elif service == "kafka":
                    status, text = 200, json.dumps({"bootstrapBrokerStringSaslIam": "b-1.kafka.example.com:9098,b-2.kafka.example.com:9098"})
                else:
                    form = dict(urllib.parse.parse_qsl(body, keep_blank_values=True))
                    action = form["Action"]
                    text = Query(self.server, region, form).answer(action)
                    status, text = 200, f"<{action}Response><{action}Result>{text}</{action}Result></{action}Response>"
        except Fault as fault:
            error = f"<Error><Type>Sender</Type>{tag('Code', fault.code)}{tag('Message', fault)}</Error>"
            status, text = fault.status, error if service == "s3" else f"<ErrorResponse>{error}</ErrorResponse>"
        data = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", "text/xml" if text[:1] == "<" else "application/json")
        for name, value in more.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)

    do_GET = do_POST = do_PUT = do_HEAD = go

    def cluster(self, region, name):
        server = self.server.clusters.get((region, name))
        if server is None:
            raise Fault(404, "ResourceNotFoundException", f"No cluster found for name: {name}.")
        return {"name": name, "status": "ACTIVE", "endpoint": server.url, "certificateAuthority": {"data": server.authority}}

    def object(self, path, body, more):
        """S3, with the conditional requests that a lock needs."""
        objects = self.server.objects
        text, version, at = objects.get(path, (None, 0, None))
        if self.command == "PUT":
            if self.headers.get("If-None-Match") and text is not None or self.headers.get("If-Match", f'"{version}"') != f'"{version}"':
                raise Fault(412, "PreconditionFailed", "it is not as it was")
            objects[path] = (body, version + 1, http.server.BaseHTTPRequestHandler.date_time_string(self))
            more["ETag"] = f'"{version + 1}"'
            return ""
        if text is None:
            raise Fault(404, "NoSuchKey", "it does not exist")
        more.update({"ETag": f'"{version}"', "Last-Modified": at})
        return text


def who(review):
    """Returns the user of an EKS token, which is a presigned URL."""
    token = review["spec"].get("token", "")
    kind, _, text = token.partition(".")
    address = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode(errors="replace") if kind == "k8s-aws-v1" else ""
    is_good = re.fullmatch(r"https://sts\.[a-z0-9-]+\.amazonaws\.com/\?Action=GetCallerIdentity&.*X-Amz-Signature=[0-9a-f]{64}.*", address)
    user = {"username": f"arn:aws:iam::{ACCOUNT}:role/deployer", "groups": ["system:masters"]}
    status = {"authenticated": True, "user": user} if is_good else {"authenticated": False}
    return {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenReview", "status": status}


class Query:
    """CloudFormation and STS: requests are forms, and responses are XML."""

    def __init__(self, aws, region, form):
        self.aws, self.region, self.form = aws, region, form

    def answer(self, action):
        method = getattr(self, action, None)
        if method is None:
            raise Fault(400, "InvalidAction", f"`{action}` is not answered here")
        return method()

    def stack(self):
        name = self.form.get("StackName", "")
        for (region, _), stack in self.aws.stacks.items():
            if region == self.region and name in (stack["name"], stack["id"]):
                return stack
        raise Fault(400, "ValidationError", f"Stack with id {name} does not exist")

    def GetCallerIdentity(self):
        return tag("Account", ACCOUNT) + tag("Arn", f"arn:aws:iam::{ACCOUNT}:user/ann") + tag("UserId", "ann")

    def DescribeStacks(self):
        # The resources of `meshsynth bootstrap` exist in every region.
        bootstrap = {"id": "bootstrap", "name": "meshsynth-bootstrap", "status": "CREATE_COMPLETE", "at": now(), "tags": {},
                     "outputs": {"Bucket": BUCKET}, "protected": False}
        if "StackName" not in self.form:
            rows = [it for (region, _), it in self.aws.stacks.items() if region == self.region]
            return members("Stacks", [described(it) for it in [bootstrap, *rows]])
        if self.form["StackName"] == bootstrap["name"]:
            return members("Stacks", [described(bootstrap)])
        return members("Stacks", [described(self.stack())])

    def CreateChangeSet(self):
        name, key = self.form["StackName"], (self.region, self.form["StackName"])
        template = self.form.get("TemplateBody")
        if template is None:
            template = self.aws.objects[urllib.parse.unquote(urllib.parse.urlparse(self.form["TemplateURL"]).path)][0]
        tags, n = {}, 1
        while f"Tags.member.{n}.Key" in self.form:
            tags[self.form[f"Tags.member.{n}.Key"]] = self.form[f"Tags.member.{n}.Value"]
            n += 1
        if key not in self.aws.stacks:
            self.aws.stacks[key] = {
                "id": f"arn:aws:cloudformation:{self.region}:{ACCOUNT}:stack/{name}/{len(self.aws.stacks)}", "name": name,
                "status": "REVIEW_IN_PROGRESS", "at": now(), "tags": tags, "outputs": {}, "template": None, "events": [],
                "protected": False, "sets": {}}
        stack = self.aws.stacks[key]
        stack["sets"][self.form["ChangeSetName"]] = (template, tags, template == stack["template"] and tags == stack["tags"])
        return tag("Id", self.form["ChangeSetName"]) + tag("StackId", stack["id"])

    def DescribeChangeSet(self):
        template, _, is_same = self.stack()["sets"][self.form["ChangeSetName"]]
        if is_same:
            return (tag("Status", "FAILED") + tag("ExecutionStatus", "UNAVAILABLE") + tag(
                "StatusReason", "The submitted information didn't contain changes. Submit different information to create a change set."))
        rows = [f"<ResourceChange>{tag('LogicalResourceId', id_)}{tag('ResourceType', it['Type'])}{tag('Action', 'Add')}</ResourceChange>"
                for id_, it in json.loads(template)["Resources"].items()]
        return tag("Status", "CREATE_COMPLETE") + tag("ExecutionStatus", "AVAILABLE") + members("Changes", rows)

    def ExecuteChangeSet(self):
        stack = self.stack()
        verb = "UPDATE" if stack["template"] else "CREATE"
        stack["template"], stack["tags"], _ = stack["sets"][self.form["ChangeSetName"]]
        stack["sets"], stack["at"] = {}, now()
        stack["outputs"] = outputs(json.loads(stack["template"]))
        token = self.form.get("ClientRequestToken", "")
        for state in (f"{verb}_IN_PROGRESS", f"{verb}_COMPLETE"):
            stack["events"].append((len(stack["events"]), state, token, now()))
            stack["status"] = state
        return ""

    def DescribeStackEvents(self):
        stack = self.stack()
        rows = [tag("EventId", f"{stack['id']}-{n}") + tag("StackId", stack["id"]) + tag("StackName", stack["name"])
                + tag("LogicalResourceId", stack["name"]) + tag("PhysicalResourceId", stack["id"])
                + tag("ResourceType", "AWS::CloudFormation::Stack") + tag("ResourceStatus", state)
                + tag("ClientRequestToken", token) + tag("Timestamp", at)
                for n, state, token, at in reversed(stack["events"])]
        return members("StackEvents", rows)

    def DescribeEvents(self):
        return members("OperationEvents", [])

    def ListStackResources(self):
        template = json.loads(self.stack()["template"] or '{"Resources": {}}')
        rows = [tag("LogicalResourceId", id_) + tag("PhysicalResourceId", id_.lower()) + tag("ResourceType", it["Type"])
                + tag("ResourceStatus", "CREATE_COMPLETE") + tag("LastUpdatedTimestamp", now())
                for id_, it in template["Resources"].items()]
        return members("StackResourceSummaries", rows)

    def GetTemplate(self):
        return tag("TemplateBody", self.stack()["template"] or "")

    def DeleteChangeSet(self):
        self.stack()["sets"].pop(self.form["ChangeSetName"], None)
        return ""

    def DeleteStack(self):
        stack = self.stack()
        del self.aws.stacks[self.region, stack["name"]]
        return ""

    def UpdateTerminationProtection(self):
        self.stack()["protected"] = self.form["EnableTerminationProtection"] == "true"
        return ""

    def DetectStackDrift(self):
        return tag("StackDriftDetectionId", "one")

    def DescribeStackDriftDetectionStatus(self):
        return (tag("StackId", "one") + tag("StackDriftDetectionId", "one") + tag("DetectionStatus", "DETECTION_COMPLETE")
                + tag("StackDriftStatus", "IN_SYNC") + tag("Timestamp", now()))

    def DescribeStackResourceDrifts(self):
        return members("StackResourceDrifts", [])


def described(stack):
    return (tag("StackId", stack["id"]) + tag("StackName", stack["name"]) + tag("StackStatus", stack["status"])
            + tag("CreationTime", stack["at"]) + tag("LastUpdatedTime", stack["at"])
            + tag("EnableTerminationProtection", str(stack["protected"]).lower())
            + members("Tags", [tag("Key", key) + tag("Value", value) for key, value in stack["tags"].items()])
            + members("Outputs", [tag("OutputKey", key) + tag("OutputValue", value) for key, value in stack["outputs"].items()]))


def outputs(template):
    """Returns a value for each output, in the format of its resource."""
    return {key: made_up(key, row["Value"]) for key, row in template.get("Outputs", {}).items()}


def made_up(key, value):
    name = re.sub(r"[^a-z0-9]", "", key.lower())
    words = value.get("Fn::GetAtt") if isinstance(value, dict) else None
    attribute = (words if isinstance(words, str) else ".".join(words or [])).partition(".")[2]
    if attribute.endswith("Arn"):
        return f"arn:aws:iam::{ACCOUNT}:role/{name}"
    if attribute == "CertificateAuthorityData":
        return base64.b64encode(name.encode()).decode()
    if attribute == "Endpoint":
        return f"https://{name}.gr7.eks.example.com"
    # Custom resources validate the form of these identifiers.
    for ending, begin in (("SubnetId", "subnet-"), ("GroupId", "sg-"), ("VpcId", "vpc-")):
        if attribute.endswith(ending):
            return begin + name
    return f"{name}.example.com" if "Address" in attribute else name
