//! The keywords of one schema. They are collected in one pass.

use std::borrow::Cow;

use super::super::json::Json;

/// The content of a schema, by keyword.
#[derive(Default)]
pub(super) struct Words<'a> {
    pub(super) reference: Option<&'a Json<'a>>,
    pub(super) properties: Option<&'a Json<'a>>,
    pub(super) required: Option<&'a Json<'a>>,
    pub(super) types: Option<&'a Json<'a>>,
    pub(super) items: Option<&'a Json<'a>>,
    pub(super) format: Option<&'a Json<'a>>,
    pub(super) nullable: Option<&'a Json<'a>>,
    pub(super) min_properties: Option<&'a Json<'a>>,
    pub(super) max_properties: Option<&'a Json<'a>>,
    pub(super) required_xor: Option<&'a Json<'a>>,
    pub(super) required_or: Option<&'a Json<'a>>,
    pub(super) dependent_required: Option<&'a Json<'a>>,
    pub(super) dependent_excluded: Option<&'a Json<'a>>,
    pub(super) pattern_properties: Option<&'a Json<'a>>,
    pub(super) additional_properties: Option<&'a Json<'a>>,
    pub(super) min_items: Option<&'a Json<'a>>,
    pub(super) max_items: Option<&'a Json<'a>>,
    pub(super) unique_items: Option<&'a Json<'a>>,
    pub(super) insertion_order: Option<&'a Json<'a>>,
    pub(super) all_of: Option<&'a Json<'a>>,
    pub(super) any_of: Option<&'a Json<'a>>,
    pub(super) one_of: Option<&'a Json<'a>>,
    pub(super) not: Option<&'a Json<'a>>,
    pub(super) values: Option<&'a Json<'a>>,
    pub(super) any_case: Option<&'a Json<'a>>,
    pub(super) min_length: Option<&'a Json<'a>>,
    pub(super) max_length: Option<&'a Json<'a>>,
    pub(super) minimum: Option<&'a Json<'a>>,
    pub(super) maximum: Option<&'a Json<'a>>,
    pub(super) exclusive_minimum: Option<&'a Json<'a>>,
    pub(super) exclusive_maximum: Option<&'a Json<'a>>,
    /// Whether a map accepts properties that the schema does not name.
    pub(super) is_free: bool,
    pub(super) is_int_or_string: bool,
    pub(super) has_list_keys: bool,
}

impl<'a> Words<'a> {
    /// Collects the keywords of a schema that is a map.
    pub(super) fn of(entries: &'a [(Cow<'a, str>, Json<'a>)]) -> Self {
        let mut words = Self::default();
        for (key, value) in entries {
            let place = match key.as_ref() {
                "$ref" => &mut words.reference,
                "properties" => &mut words.properties,
                "required" => &mut words.required,
                "type" => &mut words.types,
                "items" => &mut words.items,
                "format" => &mut words.format,
                "nullable" => &mut words.nullable,
                "minProperties" => &mut words.min_properties,
                "maxProperties" => &mut words.max_properties,
                "requiredXor" => &mut words.required_xor,
                "requiredOr" => &mut words.required_or,
                "dependentRequired" => &mut words.dependent_required,
                "dependentExcluded" => &mut words.dependent_excluded,
                "patternProperties" => &mut words.pattern_properties,
                "additionalProperties" => &mut words.additional_properties,
                "minItems" => &mut words.min_items,
                "maxItems" => &mut words.max_items,
                "uniqueItems" => &mut words.unique_items,
                "insertionOrder" => &mut words.insertion_order,
                "allOf" => &mut words.all_of,
                "anyOf" => &mut words.any_of,
                "oneOf" => &mut words.one_of,
                "not" => &mut words.not,
                "enum" => &mut words.values,
                "enumCaseInsensitive" => &mut words.any_case,
                "minLength" => &mut words.min_length,
                "maxLength" => &mut words.max_length,
                "minimum" => &mut words.minimum,
                "maximum" => &mut words.maximum,
                "exclusiveMinimum" => &mut words.exclusive_minimum,
                "exclusiveMaximum" => &mut words.exclusive_maximum,
                "x-kubernetes-preserve-unknown-fields" | "x-kubernetes-embedded-resource" => {
                    words.is_free |= value.is_true();
                    continue;
                }
                "x-kubernetes-int-or-string" => {
                    words.is_int_or_string = value.is_true();
                    continue;
                }
                "x-kubernetes-list-map-keys" => {
                    words.has_list_keys = true;
                    continue;
                }
                _ => continue,
            };
            *place = Some(value);
        }
        words
    }
}
