//! Who reads and writes: one client in each region, with what it may do there.

use meshsynth::aws::{Client, SecurityGroup, Vpc};
use meshsynth::cfn::ids::SecurityGroupId;
use meshsynth::iam::{Role, RoleProps, Trust};
use meshsynth::{App, Construct, Env, Scope, Stack, Val};

use crate::osaka::Copies;
use crate::tokyo::Data;
use crate::{OSAKA, TOKYO};

pub fn define(app: &App, data: &Data, copies: &Copies, here: &Vpc, there: &Vpc) {
    let tokyo = Service::new(app, "services-tokyo", TOKYO, here);
    data.orders.primary().allow_from(&tokyo);
    data.orders.primary().grant_connect(&tokyo.role, "orders");
    data.reports.allow_from(&tokyo);
    data.reports.grant_connect(&tokyo.role, "reports");
    data.sessions.primary().allow_from(&tokyo);
    data.sessions.primary().grant_connect(&tokyo.role);
    data.prices.allow_from(&tokyo);
    data.prices.grant_connect(&tokyo.role);
    data.events.allow_from(&tokyo);
    data.events.topic("order-placed").grant_produce(&tokyo.role);
    data.carts.grant_read_write(&tokyo.role);
    data.partner.grant_read(&tokyo.role);

    let osaka = Service::new(app, "services-osaka", OSAKA, there);
    copies.orders.allow_from(&osaka);
    copies.orders.grant_connect(&osaka.role, "orders");
    copies.reports.allow_from(&osaka);
    copies.reports.grant_connect(&osaka.role, "reports");
    copies.sessions.allow_from(&osaka);
    copies.sessions.grant_connect(&osaka.role);
    copies.events.allow_from(&osaka);
    copies.events.topic("order-placed").grant_consume(&osaka.role, "billing");
    data.carts.in_region(OSAKA).grant_read_write(&osaka.role);
    data.partner.in_region(OSAKA).grant_read(&osaka.role);
}

/// A service of a region: its role and the security group that it connects from.
struct Service {
    stack: Stack,
    role: Role,
    group: SecurityGroup,
}

impl Service {
    fn new(app: &App, id: &str, region: &str, vpc: &Vpc) -> Self {
        let stack = Stack::new(app, id, Env::region(region));
        stack.describe("Who reads and writes the data in this region.");
        let props = RoleProps { description: "A service of this region.".to_owned(), ..Default::default() };
        let role = Role::new(&stack, "service", Trust::Service("lambda.amazonaws.com"), props);
        let group = SecurityGroup::new(&stack, "service-network", vpc, "A service of this region");
        Self { stack, role, group }
    }
}

impl Construct for Service {
    fn scope(&self) -> &Scope {
        self.stack.scope()
    }
}

impl Client for Service {
    fn security_group(&self) -> Val<SecurityGroupId> {
        self.group.id()
    }

    fn security_group_owner(&self) -> Scope {
        self.group.scope().clone()
    }
}
