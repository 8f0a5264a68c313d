//! Imports of existing domains.

use crate::aws::existing::{ArnForm, check_host};
use crate::aws::security::GROUP;
use crate::cfn::ids::SecurityGroupId;
use crate::diagram::DiagramNode;
use crate::tree::Construct;
use crate::units::Cidr;
use crate::val::{IntoVal, Val};

use super::domain::{Access, Domain};

/// An existing domain.
#[derive(Clone, Debug)]
pub struct ExistingDomain {
    /// Its ARN.
    pub arn: Val<String>,
    /// The host name of its VPC endpoint.
    pub host: Val<String>,
    /// Its security group.
    pub security_group: Val<SecurityGroupId>,
    /// The CIDR blocks of its subnets.
    pub cidrs: Vec<Cidr>,
    /// The access control.
    pub access: Access,
}

/// The ARN format of a domain.
const FORM: ArnForm = ArnForm {
    what: "OpenSearch domain",
    service: "es",
    resource: "domain/",
    example: "arn:aws:es:eu-west-1:111122223333:domain/products",
};

impl Domain {
    /// Refers to an existing domain in a VPC.
    ///
    /// # Diagnostics
    ///
    /// - `MS0130`: the imported value is not the ARN of a domain, or not the ID of a security
    ///   group.
    /// - `MS0131`: the domain is in another region than the stack.
    ///
    /// # Example
    ///
    /// ```
    /// # use meshsynth::{App, Cidr, Env, Stack, testing};
    /// use meshsynth::cfn::ids::SecurityGroupId;
    /// use meshsynth::opensearch::{Access, Domain, ExistingDomain};
    ///
    /// # let app = App::new("shop");
    /// # let data = Stack::new(&app, "search", Env::region("ap-northeast-1"));
    /// let products = Domain::import(&data, "products", ExistingDomain {
    ///     arn: "arn:aws:es:eu-west-1:111122223333:domain/products".into(),
    ///     host: "vpc-products-abc.eu-west-1.es.amazonaws.com".into(),
    ///     security_group: SecurityGroupId::new("sg-0123456789abcdef0").into(),
    ///     cidrs: vec![Cidr::new("10.0.128.0/20")],
    ///     access: Access::Iam,
    /// });
    /// ```
    #[track_caller]
    pub fn import(scope: &impl Construct, id: &str, existing: ExistingDomain) -> Self {
        let scope = scope.scope().construct(id);
        let name = FORM.check(&scope, &existing.arn).map(|arn| arn.resource.replacen("domain/", "", 1));
        GROUP.check(&scope, &existing.security_group);
        check_host(&scope, &existing.host);
        scope.diagram(DiagramNode::new("search").detail("OpenSearch, exists already"));
        Self {
            name: name.unwrap_or_default(),
            arn: scope.read_here(existing.arn),
            host: scope.read_here(existing.host.into_val()),
            security_group: scope.read_here(existing.security_group),
            cidrs: existing.cidrs,
            access: existing.access,
            admin: None,
            scope,
        }
    }
}
