//! Implements import queries with CloudFormation: identifiers of types, the stack of a resource, and resource scans.

use std::collections::BTreeMap;

use aws_sdk_cloudformation::types as sdk;

use super::{Aws, error::map, read};
use crate::cloud::{AccountRegion, CloudError, Fault, Importing, Scan, ScannedResource};

/// Returns the initialized client of an account and region.
macro_rules! client {
    ($self:ident, $place:ident, $cell:ident) => {{
        $cell = $self.clients($place).await?;
        &$cell.get().expect("it was just filled").cloudformation
    }};
}

impl Importing for Aws {
    async fn identifiers(
        &self,
        place: &AccountRegion,
        template: &str,
    ) -> Result<BTreeMap<String, Vec<String>>, CloudError> {
        let cell;
        let client = client!(self, place, cell);
        let answer = client.get_template_summary().template_body(template).send().await;
        let answer = answer.map_err(|it| map("cloudformation:GetTemplateSummary", it))?;
        let rows = answer.resource_identifier_summaries().iter().flat_map(|row| {
            row.logical_resource_ids().iter().map(|id| (id.clone(), row.resource_identifiers().to_vec()))
        });
        Ok(rows.filter(|(_, names)| !names.is_empty()).collect())
    }

    async fn owner(&self, place: &AccountRegion, physical: &str) -> Result<Option<String>, CloudError> {
        let cell;
        let client = client!(self, place, cell);
        let answer = client.describe_stack_resources().physical_resource_id(physical).send().await;
        match answer.map_err(|it| map("cloudformation:DescribeStackResources", it)) {
            Ok(answer) => {
                let mut rows = answer.stack_resources().iter();
                let found = rows.find(|row| row.physical_resource_id() == Some(physical));
                Ok(found.and_then(|row| row.stack_name()).map(str::to_owned))
            }
            Err(it) if it.fault == Fault::Missing => Ok(None),
            Err(it) => Err(it),
        }
    }

    async fn latest_scan(&self, place: &AccountRegion) -> Result<Option<Scan>, CloudError> {
        let cell;
        let client = client!(self, place, cell);
        let answer = client.list_resource_scans().send().await;
        let answer = answer.map_err(|it| map("cloudformation:ListResourceScans", it))?;
        let rows = answer.resource_scan_summaries().iter();
        let newest = rows.max_by_key(|row| row.start_time().map(aws_smithy_types::DateTime::secs));
        let Some(id) = newest.and_then(|row| row.resource_scan_id()) else { return Ok(None) };
        self.scan(place, id).await.map(Some)
    }

    async fn start_scan(&self, place: &AccountRegion, types: &[String], token: &str) -> Result<String, CloudError> {
        let cell;
        let client = client!(self, place, cell);
        let filter = sdk::ScanFilter::builder().set_types(Some(types.to_vec())).build();
        let answer = client.start_resource_scan().client_request_token(token).scan_filters(filter).send().await;
        let answer = answer.map_err(|it| map("cloudformation:StartResourceScan", it))?;
        Ok(answer.resource_scan_id().unwrap_or_default().to_owned())
    }

    async fn scan(&self, place: &AccountRegion, id: &str) -> Result<Scan, CloudError> {
        let cell;
        let client = client!(self, place, cell);
        let answer = client.describe_resource_scan().resource_scan_id(id).send().await;
        let answer = answer.map_err(|it| map("cloudformation:DescribeResourceScan", it))?;
        Ok(Scan {
            id: id.to_owned(),
            status: answer.status().map_or_else(String::new, |it| it.as_str().to_owned()),
            reason: answer.status_reason().unwrap_or_default().to_owned(),
            types: answer.resource_types().iter().cloned().collect(),
            started: answer.start_time().and_then(|at| at.to_millis().ok()).unwrap_or_default(),
        })
    }

    async fn scanned(
        &self,
        place: &AccountRegion,
        scan: &str,
        kind: &str,
        tag: Option<(&str, &str)>,
    ) -> Result<Vec<ScannedResource>, CloudError> {
        let cell;
        let client = client!(self, place, cell);
        let (mut out, mut next) = (Vec::new(), None);
        loop {
            let call = client.list_resource_scan_resources().resource_scan_id(scan).resource_type_prefix(kind);
            let call = call.set_tag_key(tag.map(|(key, _)| key.to_owned()));
            let call = call.set_tag_value(tag.map(|(_, value)| value.to_owned())).set_next_token(next);
            let page = call.send().await.map_err(|it| map("cloudformation:ListResourceScanResources", it))?;
            // The filter also matches longer names: `AWS::S3::BucketPolicy` starts with `AWS::S3::Bucket`.
            let rows = page.resources().iter().filter(|row| row.resource_type() == Some(kind));
            out.extend(rows.map(read::scanned));
            next = page.next_token().filter(|next| !next.is_empty()).map(str::to_owned);
            if next.is_none() {
                return Ok(out);
            }
        }
    }
}
