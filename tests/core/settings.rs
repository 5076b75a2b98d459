use phone_enrichment::charge::Charge;
use phone_enrichment::config::{Config, Credentials, Environment, Given, VENDOR_BASE_URL};
use phone_enrichment::failure::{Code, Failure};

const SERVER: Environment = Environment { browser: false, has_location: false };
const PAGE: Environment = Environment { browser: true, has_location: true };

fn text(value: &str) -> Given {
    Given::Text(value.into())
}

fn client(options: &[(&str, Given)], environment: Environment) -> Result<Config, Box<Failure>> {
    Config::for_client(options.iter().map(|(name, given)| ((*name).into(), given.clone())).collect(), environment)
}

fn base_url(value: &str) -> Result<String, Box<Failure>> {
    client(&[("baseUrl", text(value))], PAGE).map(|config| config.base_url().into())
}

/// An option that is refused by its name, for free.
fn refused(result: Result<impl Sized, Box<Failure>>, named: &str) {
    let failure = result.err().unwrap_or_else(|| panic!("{named} was accepted"));
    assert_eq!((failure.code, failure.charge), (Code::InvalidOptions, Charge::None), "{named}");
    assert!(failure.message().contains(named), "{named}: {}", failure.message());
}

everywhere! {
    fn a_token_is_all_that_a_server_needs() {
        let config = client(&[("token", text("t"))], SERVER).unwrap_or_else(|failure| panic!("{}", failure.message()));
        assert_eq!(config.base_url(), VENDOR_BASE_URL);
        assert_eq!((config.timeout_ms(), config.max_rate_limit_retries()), (20_000, 2));
        refused(client(&[], SERVER), "token");
        assert!(client(&[("headers", Given::Object)], SERVER).is_ok());
    }

    fn a_wrong_option_is_refused_by_its_name() {
        let wrong: [(&str, Given); 18] = [
            ("tokn", text("t")),
            ("constructor", Given::Function),
            ("signal", Given::Signal),
            ("token", Given::Number(1.0)),
            ("token", Given::Other),
            ("headers", text("a: b")),
            ("baseUrl", Given::Function),
            ("fetch", Given::Object),
            ("timeoutMs", text("20")),
            ("timeoutMs", Given::Number(0.0)),
            ("timeoutMs", Given::Number(0.5)),
            ("timeoutMs", Given::Number(f64::NAN)),
            ("timeoutMs", Given::Number(f64::INFINITY)),
            ("timeoutMs", Given::Number(600_001.0)),
            ("maxRateLimitRetries", Given::Number(-1.0)),
            ("maxRateLimitRetries", Given::Number(11.0)),
            ("dangerouslyAllowBrowser", text("yes")),
            ("onRequest", Given::Flag(true)),
        ];
        for (name, given) in wrong {
            refused(client(&[("token", text("t")), (name, given)], SERVER), name);
        }
    }

    fn a_call_may_say_less_than_a_client() {
        let config = client(&[("token", text("t"))], SERVER).unwrap_or_default();
        let call = |name: &str, given| config.for_call(vec![(name.into(), given)]);
        assert_eq!(call("timeoutMs", Given::Number(5.0)).map(|config| config.timeout_ms()).ok(), Some(5));
        assert!(call("signal", Given::Signal).is_ok());
        refused(call("signal", Given::Flag(true)), "signal");
        refused(call("token", text("t")), "token");
        refused(call("baseUrl", text("https://x")), "baseUrl");
    }

    fn a_name_that_no_option_has_is_shown_short_and_clean() {
        let failure = client(&[(&format!("\u{7}\n{}", "x".repeat(10_000)), Given::Other)], SERVER).err().unwrap();
        assert!(failure.message().ends_with(&format!("Unknown option: {}.", "x".repeat(40))), "{}", failure.message());
    }

    fn a_base_url_is_an_address_and_nothing_more() {
        for (given, used) in [
            ("https://api.example.com", "https://api.example.com"),
            ("https://api.example.com/v1//", "https://api.example.com/v1"),
            ("HTTPS://API.example.com:8443/v1", "HTTPS://API.example.com:8443/v1"),
            ("http://internal:8080", "http://internal:8080"),
            ("http://[::1]:8080", "http://[::1]:8080"),
            ("/api/", "/api"),
        ] {
            assert_eq!(base_url(given).ok().as_deref(), Some(used), "{given}");
        }
        for wrong in [
            "", "/", "//", "//evil.example", "api", "api.example.com", "ftp://x", "https://", "https:///v1", "https://:80", "https:/x",
            "https://user:pw@x", "https://x?a=1", "https://x#a", "https://x\\@y", "https://x y", "https://x\n", " https://x",
            "javascript:alert(1)", "https://bücher.de", "https://x/%00\u{0}", "https://a,b", "data:x",
        ] {
            refused(base_url(wrong), "baseUrl");
        }
    }

    fn a_relative_base_url_needs_a_page() {
        refused(client(&[("baseUrl", text("/api"))], SERVER), "baseUrl");
        assert!(client(&[("baseUrl", text("/api"))], PAGE).is_ok());
    }

    fn a_token_never_leaves_the_machine_in_clear_text() {
        let with_token = |url: &str| client(&[("token", text("t")), ("baseUrl", text(url))], SERVER);
        for here in ["http://localhost", "http://LOCALHOST:1/v1", "http://127.0.0.1:8080", "http://127.9.9.9", "http://[::1]:1", "http://app.localhost/x", "https://far.example"] {
            assert!(with_token(here).is_ok(), "{here}");
        }
        for away in ["http://far.example", "http://127.evil.example", "http://localhost.evil.example", "http://10.0.0.1", "http://[::2]", "HTTP://far.example:80"] {
            refused(with_token(away), "baseUrl");
        }
        assert!(client(&[("baseUrl", text("http://far.example"))], SERVER).is_ok(), "without a token there is nothing to protect");
    }

    fn a_token_in_a_browser_needs_the_opt_in() {
        let token = ("token", text("t"));
        let allow = |flag| ("dangerouslyAllowBrowser", Given::Flag(flag));
        for options in [vec![token.clone()], vec![token.clone(), allow(false)], vec![("token", Given::Function)]] {
            let failure = client(&options, PAGE).err().unwrap();
            assert_eq!((failure.code, failure.charge), (Code::TokenInBrowser, Charge::None));
        }
        assert!(client(&[token, allow(true)], PAGE).is_ok());
        assert!(client(&[("baseUrl", text("/api")), ("headers", Given::Object)], PAGE).is_ok());
    }

    fn headers_are_checked_before_a_runtime_sees_them() {
        let parse = |token: Option<&str>, name: &str, value: &str| Credentials::parse(token, vec![(name.into(), value.into())]);
        assert!(parse(None, "Authorization", "Bearer abc").is_ok(), "one's own server has its own scheme");
        refused(parse(Some("t"), "authorization", "Bearer abc"), "authorization");
        refused(parse(None, "content-TYPE", "text/plain"), "content-TYPE");
        for name in ["", "a b", "a:b", "ä", "a\n"] {
            refused(parse(None, name, "x"), "headers");
        }
        for value in ["a\r\nb: c", "\0", "é", "\u{2028}", "a\tb"] {
            let failure = parse(None, "X-Key", value).unwrap_err();
            assert!(failure.message().contains("X-Key") && !failure.message().contains(value));
        }
    }
}
