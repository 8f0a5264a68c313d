use crate::expressions::{Answer, Evaluator, Scope, Tree, Variables};

/// Evaluates an expression with a few variables.
fn answer(text: &str) -> Answer {
    let evaluator = Evaluator::default();
    let object = Tree::from([
        ("known", Tree::from("a")),
        ("later", Tree::unknown("`later`")),
        ("list", Tree::List(vec![Tree::from("a"), Tree::unknown("`later`")])),
        ("empty", Tree::empty()),
    ])
    .to_val();
    let asked = Tree::unknown("`authorizer`").to_val();
    let scope = Scope::of(["object", "authorizer"]);
    let expression = evaluator.compile(text, &scope).unwrap_or_else(|why| panic!("`{text}`: {why:?}"));
    evaluator
        .evaluate(&expression, &Variables::default().with("object", object.as_ref()).with("authorizer", asked.as_ref()))
}

#[track_caller]
fn holds(text: &str) {
    let answer = answer(text);
    assert_eq!(answer.as_bool(), Some(true), "`{text}`: {answer:?}");
}

#[track_caller]
fn fails(text: &str) {
    let answer = answer(text);
    assert!(matches!(answer, Answer::Failed(_)), "`{text}`: {answer:?}");
}

#[track_caller]
fn has_no_answer(text: &str) {
    let answer = answer(text);
    assert!(matches!(&answer, Answer::Unknown(_)), "`{text}`: {answer:?}");
}

#[test]
fn evaluates_lists_regular_expressions_and_sets() {
    holds("[1, 2, 2].isSorted() && ![2, 1].isSorted() && ['a', 'b'].isSorted()");
    holds("[1, 3].sum() == 4 && [1.5, 2.5].sum() == 4.0 && [].sum() == 0");
    holds("[3, 1, 2].min() == 1 && [3, 1].max() == 3");
    fails("[].min() == 1");
    holds("['a', 'b', 'a'].indexOf('a') == 0 && ['a', 'b', 'a'].lastIndexOf('a') == 2 && [1].indexOf(2) == -1");
    holds("'abc 123'.find('[0-9]+') == '123' && '123 abc 456'.findAll('[0-9]+') == ['123', '456']");
    holds("'123 abc 456'.findAll('[0-9]+', 1) == ['123'] && 'abc'.find('[0-9]+') == ''");
    holds(
        "sets.contains([1, 2], [2]) && sets.equivalent([1, 1], [1]) && sets.intersects([1], [1, 2]) && !sets.intersects([1], [])",
    );
}

#[test]
fn compares_quantities_by_amount() {
    holds("quantity('1Gi').isGreaterThan(quantity('1G')) && quantity('1000m') == quantity('1')");
    holds("quantity('500m').add(quantity('1500m')).asInteger() == 2 && sign(quantity('2').sub(3)) == -1");
    holds("isQuantity('1.5Mi') && !isQuantity('1.5mi') && !isQuantity('Mi') && isQuantity('1e3') && isQuantity('-.5')");
    holds(
        "quantity('50k').isInteger() && !quantity('50m').isInteger() && quantity('1e3').compareTo(quantity('1k')) == 0",
    );
    holds("quantity('250m').asApproximateFloat() == 0.25");
    fails("quantity('10 Mi') == quantity('10Mi')");
}

#[test]
fn evaluates_addresses_and_blocks() {
    holds("ip('10.0.0.1').family() == 4 && ip('::1').isLoopback() && ip('169.254.1.1').isLinkLocalUnicast()");
    holds("isIP('10.0.0.1') && !isIP('10.0.0.01') && !isIP('::ffff:10.0.0.1') && ip.isCanonical('2001:db8::1')");
    holds("!ip.isCanonical('2001:DB8::1') && string(ip('::0:1')) == '::1' && ip('8.8.8.8').isGlobalUnicast()");
    holds("cidr('10.0.0.0/8').containsIP('10.1.2.3') && !cidr('10.0.0.0/8').containsIP(ip('11.0.0.1'))");
    holds("cidr('10.0.0.0/8').containsCIDR(cidr('10.1.0.0/16')) && !cidr('10.1.0.0/16').containsCIDR('10.0.0.0/8')");
    holds("cidr('10.1.2.3/8').masked() == cidr('10.0.0.0/8') && cidr('10.0.0.0/8').prefixLength() == 8");
    holds("isCIDR('0.0.0.0/0') && !isCIDR('10.0.0.0/33') && string(cidr('::/0').ip()) == '::'");
}

#[test]
fn evaluates_urls_versions_and_formats() {
    holds("url('https://user@a.example:8443/b c'.replace(' ', '%20')).getHost() == 'a.example:8443'");
    holds("url('https://[::1]:80/').getHostname() == '::1' && url('https://[::1]:80/').getPort() == '80'");
    holds("url('/a/b?x=1&x=2').getQuery() == {'x': ['1', '2']} && url('https://a/b').getEscapedPath() == '/b'");
    holds("isURL('https://a/') && !isURL('a/b') && !isURL('') && url('HTTPS://a').getScheme() == 'https'");
    holds("semver('1.2.3').major() == 1 && semver('1.0.0-rc.1').isLessThan(semver('1.0.0')) && isSemver('1.0.0')");
    holds("!isSemver('1.0') && isSemver('v1.0', true) && semver('v01.2', true).minor() == 2");
    holds("!format.dns1123Label().validate('a-b').hasValue() && format.dns1123Label().validate('A').hasValue()");
    holds("format.named('uuid').hasValue() && !format.named('nothing').hasValue()");
    holds("!format.labelValue().validate('').hasValue() && format.qualifiedName().validate('a/b/c').hasValue()");
}

#[test]
fn comprehensions_accept_two_variables() {
    holds("{'a': 1, 'b': 2}.all(key, value, key != '' && value > 0) && ['x'].exists(i, v, i == 0 && v == 'x')");
    holds("{'a': 1, 'b': 2}.existsOne(k, v, v == 2) && [1, 2].transformList(i, v, i + v) == [1, 3]");
    holds("[1, 2].transformList(i, v, v > 1, v) == [2] && {'a': 1}.transformMap(k, v, v + 1) == {'a': 2}");
    holds("{'a': 'b'}.transformMapEntry(k, v, {v: k}) == {'b': 'a'}");
    holds("[[1], [2]].all(i, list, list.all(j, v, v == i + 1))");
}

#[test]
fn result_is_unknown_only_if_an_unknown_value_decides() {
    has_no_answer("object.later == 'a'");
    has_no_answer("'a' == object.later");
    has_no_answer("object.later.startsWith('a')");
    has_no_answer("object.later");
    has_no_answer("object.known == 'a' && object.later == 'b'");
    has_no_answer("object.list == ['a', 'b']");
    has_no_answer("'b' in object.list");
    has_no_answer("object.later in ['a']");
    has_no_answer("object.?later.?more.orValue('') == ''");
    has_no_answer("type(object.later) == string");
    has_no_answer("authorizer.group('').resource('pods').check('create').allowed()");
    holds("object.known == 'a' || object.later == 'b'");
    holds("'a' in object.list && object.list != ['b', 'a'] && size(object.list) == 2 && has(object.later)");
    holds("object.list.exists(item, item == 'a')");
    holds("object.?later.hasValue() && !has(object.missing)");
}

#[test]
fn fails_like_api_server() {
    fails("object.missing == 'a'");
    fails("object.known > 1");
    fails("object.known.nothing == 1");
    holds("has(object.empty) && object.?missing.orValue('b') == 'b' && 1 == 1.0 && 2 > 1.5 && object.known != 1");
    holds("'%s %s'.format([['a', 1], {'b': 'c'}]) == '[\"a\", 1] {\"b\": \"c\"}'");
    holds("'%s has %d'.format([object.known, 2]) == 'a has 2' && duration('1m') > duration('59s')");
}

#[test]
fn reports_unknown_names_before_evaluation() {
    use crate::expressions::NotCompiled;
    let compile = |text: &str| {
        let scope = Scope::of(["object"]).with_composed(["images"]);
        Evaluator::default().compile(text, &scope).map(|_| ())
    };
    assert_eq!(compile("variables.images == 1 && object.all(x, x == object)"), Ok(()));
    assert!(matches!(compile("objct.a"), Err(NotCompiled::Variable(name, _)) if name == "objct"));
    assert!(matches!(compile("variables.image"), Err(NotCompiled::Variable(name, _)) if name == "variables.image"));
    assert!(matches!(compile("object.frobnicate()"), Err(NotCompiled::Function(name)) if name == "frobnicate"));
    assert!(matches!(compile("object.a =="), Err(NotCompiled::Syntax(_))));
    assert!(matches!(compile("x.all(x, true)"), Err(NotCompiled::Variable(..))));
}
