//! IP addresses and CIDR blocks.
//!
//! Source: <https://kubernetes.io/docs/reference/using-api/cel/#kubernetes-ip-address-library>

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use cel::common::types::{CelInt, CelString, STRING_TYPE};
use cel::common::value::CowVal;
use cel::{DeclarationError, Env, ExecutionError};

use super::{Args, Returned, arg, fault, opaque, text};
use crate::expressions::unknown::truth;

/// The names of the functions.
pub const NAMES: &[&str] = &[
    "ip",
    "isIP",
    "ip.isCanonical",
    "isCanonical",
    "family",
    "isUnspecified",
    "isLoopback",
    "isLinkLocalMulticast",
    "isLinkLocalUnicast",
    "isGlobalUnicast",
    "cidr",
    "isCIDR",
    "containsIP",
    "containsCIDR",
    "masked",
    "prefixLength",
];

/// An IP address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ip(IpAddr);

/// A CIDR block as written: host bits may be set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cidr {
    ip: IpAddr,
    n_bits: u8,
}

opaque!(Ip, "net.IP");
opaque!(Cidr, "net.CIDR");

/// Parses an address. IPv4-mapped IPv6 addresses and zones are rejected.
fn parse_ip(text: &str) -> Option<IpAddr> {
    let ip: IpAddr = text.parse().ok()?;
    let is_mapped = matches!(ip, IpAddr::V6(v6) if v6.to_ipv4_mapped().is_some());
    (!is_mapped).then_some(ip)
}

impl Cidr {
    fn parse(text: &str) -> Option<Self> {
        let (ip, bits) = text.split_once('/')?;
        let ip = parse_ip(ip)?;
        let is_number = bits.chars().all(|c| c.is_ascii_digit()) && (bits == "0" || !bits.starts_with('0'));
        let n_bits: u8 = bits.parse().ok().filter(|_| is_number)?;
        let most = if ip.is_ipv4() { 32 } else { 128 };
        (n_bits <= most).then_some(Self { ip, n_bits })
    }

    fn masked(self) -> Self {
        Self { ip: masked(self.ip, self.n_bits), n_bits: self.n_bits }
    }

    fn contains(self, ip: IpAddr) -> bool {
        ip.is_ipv4() == self.ip.is_ipv4() && masked(ip, self.n_bits) == masked(self.ip, self.n_bits)
    }

    fn covers(self, other: Self) -> bool {
        self.n_bits <= other.n_bits && self.contains(other.ip)
    }
}

fn masked(ip: IpAddr, n_bits: u8) -> IpAddr {
    match ip {
        IpAddr::V4(ip) => {
            let mask = u32::MAX.checked_shl(32 - u32::from(n_bits)).unwrap_or(0);
            IpAddr::V4(Ipv4Addr::from_bits(ip.to_bits() & mask))
        }
        IpAddr::V6(ip) => {
            let mask = u128::MAX.checked_shl(128 - u32::from(n_bits)).unwrap_or(0);
            IpAddr::V6(Ipv6Addr::from_bits(ip.to_bits() & mask))
        }
    }
}

pub fn add(env: &mut Env) -> Result<(), DeclarationError> {
    of_addresses(env)?;
    of_blocks(env)
}

fn of_addresses(env: &mut Env) -> Result<(), DeclarationError> {
    let own = || Ip::own_type();
    env.add_type(own())?;
    env.add_overload("ip", "ip(string)", vec![STRING_TYPE], |args| {
        let text = text(&args, 0)?;
        parse_ip(text)
            .map(|it| CowVal::owned(Ip(it)))
            .ok_or_else(|| fault("ip", format!("`{text}` is not an IP address")))
    })?;
    env.add_overload("isIP", "isIP(string)", vec![STRING_TYPE], |args| Ok(truth(parse_ip(text(&args, 0)?).is_some())))?;
    env.add_overload("ip.isCanonical", "ip.isCanonical(string)", vec![STRING_TYPE], |args| {
        let text = text(&args, 0)?;
        let ip = parse_ip(text).ok_or_else(|| fault("ip.isCanonical", format!("`{text}` is not an IP address")))?;
        Ok(truth(ip.to_string() == text))
    })?;
    env.add_overload("string", "string(ip)", vec![own()], |args| written(arg::<Ip>(&args, 0)?.0.to_string()))?;
    env.add_member_overload("family", "ip.family()", own(), vec![], |args| {
        Ok(CowVal::owned(CelInt::from(if arg::<Ip>(&args, 0)?.0.is_ipv4() { 4 } else { 6 })))
    })?;
    env.add_member_overload("isUnspecified", "ip.isUnspecified()", own(), vec![], |args| {
        is(&args, |ip| ip.is_unspecified())
    })?;
    env.add_member_overload("isLoopback", "ip.isLoopback()", own(), vec![], |args| is(&args, |ip| ip.is_loopback()))?;
    env.add_member_overload("isLinkLocalMulticast", "ip.isLinkLocalMulticast()", own(), vec![], |args| {
        is(&args, is_link_local_multicast)
    })?;
    env.add_member_overload("isLinkLocalUnicast", "ip.isLinkLocalUnicast()", own(), vec![], |args| {
        is(&args, is_link_local_unicast)
    })?;
    env.add_member_overload("isGlobalUnicast", "ip.isGlobalUnicast()", own(), vec![], |args| {
        is(&args, |ip| {
            let is_broadcast = matches!(ip, IpAddr::V4(v4) if v4.is_broadcast());
            let is_other = ip.is_unspecified() || ip.is_loopback() || ip.is_multicast() || is_link_local_unicast(ip);
            !is_broadcast && !is_other
        })
    })
}

fn is_link_local_unicast(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => ip.is_link_local(),
        IpAddr::V6(ip) => ip.is_unicast_link_local(),
    }
}

fn is_link_local_multicast(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => ip.octets()[..3] == [224, 0, 0],
        IpAddr::V6(ip) => ip.segments()[0] & 0xff0f == 0xff02,
    }
}

fn of_blocks(env: &mut Env) -> Result<(), DeclarationError> {
    let own = || Cidr::own_type();
    env.add_type(own())?;
    env.add_overload("cidr", "cidr(string)", vec![STRING_TYPE], |args| one_block(&args, 0).map(CowVal::owned))?;
    env.add_overload("isCIDR", "isCIDR(string)", vec![STRING_TYPE], |args| {
        Ok(truth(Cidr::parse(text(&args, 0)?).is_some()))
    })?;
    env.add_overload("string", "string(cidr)", vec![own()], |args| {
        let Cidr { ip, n_bits } = *arg::<Cidr>(&args, 0)?;
        written(format!("{ip}/{n_bits}"))
    })?;
    for (id, other) in [("cidr.containsIP(string)", STRING_TYPE), ("cidr.containsIP(ip)", Ip::own_type())] {
        env.add_member_overload("containsIP", id, own(), vec![other], |args| {
            let ip = match args[1].as_ref().downcast_ref::<Ip>() {
                Some(ip) => ip.0,
                None => parse_ip(text(&args, 1)?).ok_or_else(|| fault("containsIP", "it is not an IP address"))?,
            };
            Ok(truth(arg::<Cidr>(&args, 0)?.contains(ip)))
        })?;
    }
    for (id, other) in [("cidr.containsCIDR(string)", STRING_TYPE), ("cidr.containsCIDR(cidr)", own())] {
        env.add_member_overload("containsCIDR", id, own(), vec![other], |args| {
            Ok(truth(arg::<Cidr>(&args, 0)?.covers(one_block(&args, 1)?)))
        })?;
    }
    env.add_member_overload("ip", "cidr.ip()", own(), vec![], |args| Ok(CowVal::owned(Ip(arg::<Cidr>(&args, 0)?.ip))))?;
    env.add_member_overload("masked", "cidr.masked()", own(), vec![], |args| {
        Ok(CowVal::owned(arg::<Cidr>(&args, 0)?.masked()))
    })?;
    env.add_member_overload("prefixLength", "cidr.prefixLength()", own(), vec![], |args| {
        Ok(CowVal::owned(CelInt::from(i64::from(arg::<Cidr>(&args, 0)?.n_bits))))
    })
}

/// Returns a CIDR argument, or parses a text argument.
fn one_block(args: &Args<'_, '_>, idx: usize) -> Result<Cidr, ExecutionError> {
    match args[idx].as_ref().downcast_ref::<Cidr>() {
        Some(cidr) => Ok(*cidr),
        None => {
            let text = text(args, idx)?;
            Cidr::parse(text).ok_or_else(|| fault("cidr", format!("`{text}` is not a block of addresses")))
        }
    }
}

fn is<'b, 'v>(args: &Args<'b, 'v>, holds: fn(IpAddr) -> bool) -> Returned<'b, 'v> {
    Ok(truth(holds(arg::<Ip>(args, 0)?.0)))
}

fn written<'b, 'v>(text: String) -> Returned<'b, 'v> {
    Ok(CowVal::owned(CelString::from(text)))
}
