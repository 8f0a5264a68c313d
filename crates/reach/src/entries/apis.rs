//! APIs of API Gateway: the methods and routes that integrate a function or a load balancer.
//!
//! Source: <https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-control-access-to-api.html>.

use serde_json::Value;

use super::client::Client;
use crate::link::{Layer, Link, Verdict};
use crate::world::{Reference, Resource, ResourceId, World};

/// A method or a route that integrates a resource.
#[derive(Clone, Debug)]
pub struct Api {
    /// The API.
    pub id: ResourceId,
    /// The requirements of the method or route for a client.
    pub link: Link,
    /// Whether a role calls the function, instead of a permission in the function's own policy.
    pub has_role: bool,
}

/// Returns the APIs that integrate a resource.
pub fn apis(world: &World, to: ResourceId, client: &Client) -> Vec<Api> {
    let methods = world.of_type("AWS::ApiGateway::Method").iter().filter_map(|id| method(world, *id, to, client));
    let routes = world.of_type("AWS::ApiGatewayV2::Route").iter().filter_map(|id| route(world, *id, to, client));
    let quick = world.of_type("AWS::ApiGatewayV2::Api").iter().filter_map(|id| quick(world, *id, to, client));
    let rest = ["AWS::ApiGateway::RestApi", "AWS::ApiGatewayV2::Api"].into_iter().flat_map(|it| world.of_type(it));
    let bodies = rest.filter_map(|id| body(world, *id, to));
    methods.chain(routes).chain(quick).chain(bodies).collect()
}

/// Whether a value refers to a resource, directly or within a text such as the path of an integration.
fn names(world: &World, value: &Value, to: ResourceId) -> bool {
    Reference::within(value.as_str().unwrap_or_default()).iter().any(|it| world.referred(it) == Some(to))
}

/// Whether a value, at any depth, contains a text that refers to a resource.
fn has(world: &World, value: &Value, to: ResourceId) -> bool {
    match value {
        Value::Array(items) => items.iter().any(|it| has(world, it, to)),
        Value::Object(map) => map.values().any(|it| has(world, it, to)),
        one => names(world, one, to),
    }
}

/// Returns the API of a REST API method.
fn method(world: &World, id: ResourceId, to: ResourceId, client: &Client) -> Option<Api> {
    let method = world.resource(id);
    let integration = method.property("Integration");
    names(world, &integration["Uri"], to).then_some(())?;
    let api = world.named_by(method.property("RestApiId"))?;
    let link = match asks(method, method.property("AuthorizationType")) {
        Some(why) => link(Verdict::Denied, why, method, "AuthorizationType"),
        None if method.property("ApiKeyRequired") == true => {
            link(Verdict::Denied, "requires an API key", method, "ApiKeyRequired")
        }
        None => open(world.resource(api), client, method),
    };
    Some(Api { id: api, link, has_role: integration["Credentials"].is_string() })
}

/// Returns the API of an HTTP or WebSocket API route.
fn route(world: &World, id: ResourceId, to: ResourceId, client: &Client) -> Option<Api> {
    let route = world.resource(id);
    let integrations = world.of_type("AWS::ApiGatewayV2::Integration").iter().copied();
    let target = route.property("Target");
    let integration = world.resource(integrations.into_iter().find(|it| names(world, target, *it))?);
    names(world, integration.property("IntegrationUri"), to).then_some(())?;
    let api = world.named_by(route.property("ApiId"))?;
    let link = match asks(route, route.property("AuthorizationType")) {
        Some(why) => link(Verdict::Denied, why, route, "AuthorizationType"),
        None => open(world.resource(api), client, route),
    };
    Some(Api { id: api, link, has_role: integration.property("CredentialsArn").is_string() })
}

/// Returns an API with one target, which has no authorizer.
fn quick(world: &World, id: ResourceId, to: ResourceId, client: &Client) -> Option<Api> {
    let api = world.resource(id);
    names(world, api.property("Target"), to).then_some(())?;
    Some(Api { id, link: open(api, client, api), has_role: api.property("CredentialsArn").is_string() })
}

/// Returns an API defined with OpenAPI. The requirements of its paths are not parsed.
fn body(world: &World, id: ResourceId, to: ResourceId) -> Option<Api> {
    let api = world.resource(id);
    has(world, api.property("Body"), to).then_some(())?;
    let why = "routes to it; the requirements of its paths are in an OpenAPI document, which is not evaluated";
    Some(Api { id, link: link(Verdict::Unknown, why, api, "Body"), has_role: false })
}

/// Describes the required authorization, or returns `None` if requests need no authorization.
fn asks(resource: &Resource, kind: &Value) -> Option<&'static str> {
    match kind.as_str() {
        Some("NONE") => None,
        Some("AWS_IAM") => Some("requires a request with an IAM signature"),
        Some("JWT" | "COGNITO_USER_POOLS") => Some("requires a token"),
        Some(_) => Some("uses an authorizer"),
        None => (!resource.property("AuthorizerId").is_null()).then_some("uses an authorizer"),
    }
}

/// Returns the requirements of an API without an authorizer for a client.
fn open(api: &Resource, client: &Client, by: &Resource) -> Link {
    let kinds = api.property("EndpointConfiguration")["Types"].as_array();
    if kinds.is_some_and(|it| it.iter().any(|kind| kind == "PRIVATE")) && !client.is_private() {
        return link(Verdict::Denied, "is private: only a VPC endpoint can reach it", api, "EndpointConfiguration");
    }
    if !api.property("Policy").is_null() {
        return link(
            Verdict::Unknown,
            "accepts requests that its resource policy allows, which is not evaluated",
            api,
            "Policy",
        );
    }
    link(Verdict::Allowed, "accepts requests from any client", by, "AuthorizationType")
}

fn link(verdict: Verdict, why: &str, by: &Resource, field: &str) -> Link {
    Link::new(Layer::Entry, verdict, why).by(by.title(), field, &by.at)
}
