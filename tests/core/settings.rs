use phone_enrichment::budget::Limits;
use phone_enrichment::cache::Retention;
use phone_enrichment::charge::Charge;
use phone_enrichment::config::{Config, Credentials, Environment, Setting, Settings, VENDOR_BASE_URL, abort};
use phone_enrichment::failure::{Code, Failure};

const SERVER: Environment = Environment { browser: false, has_location: false };
const PAGE: Environment = Environment { browser: true, has_location: true };

fn with_token<'a>() -> Settings<'a> {
    Settings { has_token: true, ..Settings::default() }
}

fn at(url: &str) -> Settings<'_> {
    Settings { base_url: Some(url), ..Settings::default() }
}

fn base_url(url: &str) -> Result<String, Box<Failure>> {
    Config::for_client(&at(url), PAGE).map(|config| config.base_url().into())
}

fn numbers(given: &[(&str, f64)]) -> Result<Config, Box<Failure>> {
    Config::for_client(&Settings { numbers: given.to_vec(), ..with_token() }, SERVER)
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
        assert_eq!([Setting::TimeoutMs, Setting::MaxRateLimitRetries].map(|setting| config.value(setting)), [20_000, 2]);
        assert_eq!(config.limits(), Limits::default());
        assert_eq!(config.retention(), Retention { found_days: 30, not_found_days: 1 });
        assert!(config.is(Setting::Abort), "a request that was given up on is left to finish");
        assert!(![Setting::Ladder, Setting::Force, Setting::Fresh, Setting::RetryUnknown].iter().any(|setting| config.is(*setting)));
        refused(Config::for_client(&Settings::default(), SERVER), "token");
        assert!(Config::for_client(&Settings { has_headers: true, ..Settings::default() }, SERVER).is_ok());
    }

    fn a_number_is_whole_and_within_its_limits() {
        let most = 1_000_000_000.0;
        for (name, setting, least, most) in [
            ("timeoutMs", Setting::TimeoutMs, 1.0, 600_000.0),
            ("maxRateLimitRetries", Setting::MaxRateLimitRetries, 0.0, 10.0),
            ("perCall", Setting::PerCall, 0.0, most),
            ("perMinute", Setting::PerMinute, 0.0, most),
            ("perDay", Setting::PerDay, 0.0, most),
            ("total", Setting::Total, 0.0, most),
            ("foundDays", Setting::FoundDays, 0.0, 150.0),
            ("notFoundDays", Setting::NotFoundDays, 0.0, 150.0),
            ("ladder", Setting::Ladder, 0.0, 1.0),
            ("abort", Setting::Abort, 0.0, 1.0),
            ("force", Setting::Force, 0.0, 1.0),
            ("fresh", Setting::Fresh, 0.0, 1.0),
            ("retryUnknown", Setting::RetryUnknown, 0.0, 1.0),
        ] {
            for wrong in [least - 1.0, least + 0.5, most + 1.0, -0.1, f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
                refused(numbers(&[(name, wrong)]), name);
            }
            for right in [least, most] {
                assert_eq!(f64::from(numbers(&[(name, right)]).unwrap().value(setting)), right, "{name}");
            }
        }
    }

    fn what_to_do_with_a_request_that_was_given_up_on_is_one_of_two_words() {
        assert_eq!(["cancel", "detach"].map(|word| numbers(&[("abort", abort(word))]).unwrap().is(Setting::Abort)), [false, true]);
        for wrong in ["", "Cancel", "leave", "constructor"] {
            refused(numbers(&[("abort", abort(wrong))]), "\"detach\" or \"cancel\"");
        }
    }

    fn limits_are_those_that_were_given_and_no_others() {
        let config = numbers(&[("perDay", 0.0), ("total", 20.0)]).unwrap();
        assert_eq!(config.limits(), Limits { per_day: Some(0), total: Some(20), ..Limits::default() });
    }

    fn a_call_may_have_settings_of_its_own_and_leaves_the_clients_as_they_are() {
        let config = numbers(&[("timeoutMs", 7.0), ("ladder", 1.0)]).unwrap();
        let call = config.for_call(&[("timeoutMs", 5.0), ("force", 1.0)]).unwrap();
        assert_eq!((call.value(Setting::TimeoutMs), call.is(Setting::Force), call.is(Setting::Ladder)), (5, true, true));
        assert_eq!((config.value(Setting::TimeoutMs), config.is(Setting::Force)), (7, false));
        assert!(config.for_call(&[]).unwrap() == config);
        refused(config.for_call(&[("timeoutMs", 0.0)]), "timeoutMs");
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
