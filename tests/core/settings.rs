use phone_enrichment::charge::Charge;
use phone_enrichment::config::{Config, Credentials, Environment, Settings, VENDOR_BASE_URL};
use phone_enrichment::failure::{Code, Failure};

const SERVER: Environment = Environment { browser: false, has_location: false };
const PAGE: Environment = Environment { browser: true, has_location: true };

fn with_token() -> Settings {
    Settings { has_token: true, ..Settings::default() }
}

fn at(url: &str) -> Settings {
    Settings { base_url: Some(url.into()), ..Settings::default() }
}

fn base_url(url: &str) -> Result<String, Box<Failure>> {
    Config::for_client(&at(url), PAGE).map(|config| config.base_url().into())
}

/// An option that is refused by its name, for free.
fn refused(result: Result<impl Sized, Box<Failure>>, named: &str) {
    let failure = result.err().unwrap_or_else(|| panic!("{named} was accepted"));
    assert_eq!((failure.code, failure.charge), (Code::InvalidOptions, Charge::None), "{named}");
    assert!(failure.message().contains(named), "{named}: {}", failure.message());
}

everywhere! {
    fn a_token_is_all_that_a_server_needs() {
        let config = Config::for_client(&with_token(), SERVER).unwrap();
        assert_eq!(config.base_url(), VENDOR_BASE_URL);
        assert_eq!((config.timeout_ms(), config.max_rate_limit_retries()), (20_000, 2));
        refused(Config::for_client(&Settings::default(), SERVER), "token");
        assert!(Config::for_client(&Settings { has_headers: true, ..Settings::default() }, SERVER).is_ok());
    }

    fn a_number_is_whole_and_within_its_limits() {
        for wrong in [0.0, 0.5, -1.0, 600_001.0, f64::NAN, f64::INFINITY] {
            refused(Config::for_client(&Settings { timeout_ms: Some(wrong), ..with_token() }, SERVER), "timeoutMs");
        }
        for wrong in [-1.0, 0.5, 11.0, f64::NAN] {
            refused(
                Config::for_client(&Settings { max_rate_limit_retries: Some(wrong), ..with_token() }, SERVER),
                "maxRateLimitRetries",
            );
        }
        for right in [1.0, 600_000.0] {
            let config = Config::for_client(&Settings { timeout_ms: Some(right), ..with_token() }, SERVER).unwrap();
            assert_eq!(f64::from(config.timeout_ms()), right);
        }
        let none = Settings { max_rate_limit_retries: Some(0.0), ..with_token() };
        assert_eq!(Config::for_client(&none, SERVER).unwrap().max_rate_limit_retries(), 0);
    }

    fn a_call_may_have_a_deadline_of_its_own() {
        let config = Config::for_client(&with_token(), SERVER).unwrap();
        assert_eq!(config.for_call(Some(5.0)).unwrap().timeout_ms(), 5);
        assert_eq!(config.for_call(None).unwrap().timeout_ms(), 20_000);
        refused(config.for_call(Some(0.0)), "timeoutMs");
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
        refused(Config::for_client(&at("/api"), SERVER), "baseUrl");
        assert!(Config::for_client(&at("/api"), PAGE).is_ok());
    }

    fn a_token_never_leaves_the_machine_in_clear_text() {
        let with_token = |url: &str| Config::for_client(&Settings { has_token: true, ..at(url) }, SERVER);
        for here in [
            "http://localhost", "http://LOCALHOST:1/v1", "http://127.0.0.1:8080", "http://127.9.9.9", "http://[::1]:1",
            "http://app.localhost/x", "https://far.example",
        ] {
            assert!(with_token(here).is_ok(), "{here}");
        }
        for away in [
            "http://far.example", "http://127.evil.example", "http://localhost.evil.example", "http://10.0.0.1", "http://[::2]",
            "HTTP://far.example:80",
        ] {
            refused(with_token(away), "baseUrl");
        }
        assert!(Config::for_client(&at("http://far.example"), SERVER).is_ok(), "without a token there is nothing to protect");
    }

    fn a_token_in_a_browser_needs_the_opt_in() {
        let failure = Config::for_client(&with_token(), PAGE).unwrap_err();
        assert_eq!((failure.code, failure.charge), (Code::TokenInBrowser, Charge::None));
        assert!(Config::for_client(&Settings { allow_browser: true, ..with_token() }, PAGE).is_ok());
        assert!(Config::for_client(&Settings { has_headers: true, ..at("/api") }, PAGE).is_ok());
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
