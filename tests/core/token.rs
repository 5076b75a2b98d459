use phone_enrichment::charge::Charge;
use phone_enrichment::config::Credentials;
use phone_enrichment::failure::Code;
use phone_enrichment::request::HttpRequest;
use phone_enrichment::token::ApiToken;

use crate::fixtures::jane;

const SECRET: &str = "5ec2e7";

everywhere! {
    fn a_token_that_a_header_would_refuse_is_refused_before_and_never_quoted() {
        let long = SECRET.repeat(1000);
        for bad in ["", " ", &long, "5ec2e7\n", "5ec2e7\0", "Token 5ec2e7", "5ec2e7\u{7f}", "5ec2e7é", "5ec2e7\u{2028}", "\r\n5ec2e7: x"] {
            let failure = ApiToken::parse(bad).unwrap_err();
            assert_eq!((failure.code, failure.charge), (Code::InvalidToken, Charge::None), "{bad:?}");
            assert!(!failure.message().contains(SECRET), "{}", failure.message());
        }
        assert!(ApiToken::parse("0123456789abcdefABCDEF-_.~+/=").is_ok());
        assert!(ApiToken::parse(&"x".repeat(ApiToken::MAX_BYTES)).is_ok());
    }

    fn nothing_that_holds_the_token_shows_it() {
        let token = ApiToken::parse(SECRET).unwrap();
        let credentials = Credentials::parse(Some(SECRET), vec![]).unwrap();
        let request = HttpRequest::new("https://x", &phone_enrichment::endpoint::PHONE, &jane(), credentials.clone());
        for shown in [format!("{token:?}"), format!("{credentials:?}"), format!("{request:?}")] {
            assert!(!shown.contains(SECRET), "{shown}");
        }
        assert_eq!(token.authorization(), "Token 5ec2e7");
    }

    fn a_request_is_the_documented_one_to_the_letter() {
        let credentials = Credentials::parse(Some(SECRET), vec![("X-Key".into(), "1".into())]).unwrap();
        let request = HttpRequest::new("https://x/v1", &phone_enrichment::endpoint::PHONE, &jane(), credentials.clone());
        assert_eq!(request.method, "POST");
        assert_eq!(request.url, "https://x/v1/external/phone/enrichment/");
        assert_eq!(request.body, r#"{"linkedin_url":"https://www.linkedin.com/in/jane"}"#);
        let pair = |name: &str, value: &str| (String::from(name), String::from(value));
        assert_eq!(
            request.headers,
            [pair("X-Key", "1"), pair("Authorization", "Token 5ec2e7"), pair("Content-Type", "application/json")]
        );
    }
}
