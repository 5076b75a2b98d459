//! What can be wrong with an identifier, in a code for programs and a sentence for people.

use super::text::{find_any, is_unseen};

/// A field of the request that can carry an identifier or a part of one.
#[derive(Clone, Copy, PartialEq, Eq, Debug, PartialOrd, Ord)]
pub enum Field {
    /// The address of a person's LinkedIn profile.
    LinkedinUrl,
    /// A person's e-mail address.
    Email,
    /// A person's first name.
    FirstName,
    /// A person's last name.
    LastName,
    /// The name of the company that the person works for.
    CompanyName,
    /// The web site of the company that the person works for.
    CompanyWebsite,
}

impl Field {
    /// Every field, in the order in which the vendor's documentation lists them.
    pub const ALL: [Field; 6] = [
        Field::LinkedinUrl,
        Field::Email,
        Field::FirstName,
        Field::LastName,
        Field::CompanyName,
        Field::CompanyWebsite,
    ];

    /// The field's name in the request, as the vendor spells it.
    pub fn wire_name(self) -> &'static str {
        match self {
            Field::LinkedinUrl => "linkedin_url",
            Field::Email => "email",
            Field::FirstName => "first_name",
            Field::LastName => "last_name",
            Field::CompanyName => "company_name",
            Field::CompanyWebsite => "company_website",
        }
    }
}

/// What can be done about an issue. The codes share these, and name them by their place.
const FIXES: [Option<&str>; 8] = [
    None,
    Some("Open the person's profile on LinkedIn and copy its address."),
    Some("Copy the address again from the browser's address bar."),
    Some("Write it as name@company.com."),
    Some("Give the company's own domain, such as acme.com."),
    Some("Type the name again."),
    Some("Give a LinkedIn address, an e-mail address, or a name with a company."),
    Some("Add the missing fields."),
];

// One text that is searched, rather than a table of texts: pointers and lengths weigh more than the
// loop that does without them.
macro_rules! issue_codes {
    ($($code:ident $name:literal $fix:literal $message:literal)+) => {
        /// Why an identifier, or the request that carries it, is refused.
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        pub enum IssueCode {
            $(#[doc = $message] $code,)+
        }

        impl IssueCode {
            /// Every code.
            pub const ALL: &[IssueCode] = &[$(IssueCode::$code),+];
        }

        /// Name, fix and message of every code, a line each.
        const LINES: &str = concat!($($name, "\n", $fix, "\n", $message, "\n"),+);
    };
}

issue_codes! {
    NotLinkedin "not_linkedin" 1 "This is not a LinkedIn address."
    CompanyPage "company_page" 1 "This is a company's page, not a person's."
    SchoolPage "school_page" 1 "This is a school's page, not a person's."
    ShowcasePage "showcase_page" 1 "This is a showcase page, not a person's."
    DirectoryPage "directory_page" 1 "This is a list of people who share a name."
    JobPage "job_page" 1 "This is a page about jobs."
    FeedPage "feed_page" 1 "This is a post or an article."
    SearchPage "search_page" 1 "This is a page of search results."
    GroupPage "group_page" 1 "This is a group's page."
    SalesNavigator "sales_navigator" 1 "This is a Sales Navigator address."
    Recruiter "recruiter" 1 "This is a LinkedIn Recruiter address."
    ShortLink "short_link" 1 "This is a short link, which does not say where it leads."
    OwnProfile "own_profile" 1 "This address leads everyone to their own profile."
    LegacyPub "legacy_pub" 1 "This is an old public address, which LinkedIn has replaced."
    LegacyView "legacy_view" 1 "This is an old profile address, which LinkedIn has replaced."
    EmptySlug "empty_slug" 1 "The address ends before it names a person."
    SlugTooLong "slug_too_long" 2 "The person's part of the address is longer than 200 characters."
    BadEncoding "bad_encoding" 2 "The address has a broken or doubled percent escape."
    ForbiddenCharacter "forbidden_character" 2 "The address has a character that no profile address has."
    DotSegment "dot_segment" 2 "The address has a path step of dots, which leads elsewhere."
    CredentialsInUrl "credentials_in_url" 2 "The address carries a user name or password."
    UnexpectedPort "unexpected_port" 2 "The address names a port that LinkedIn does not use."
    UnsupportedScheme "unsupported_scheme" 2 "The address does not begin with https."
    NoProfile "no_profile" 1 "This LinkedIn page is not a person's profile."
    EmailSyntax "email_syntax" 3 "This is not an e-mail address."
    EmailTooLong "email_too_long" 3 "The e-mail address is longer than any can be."
    EmailDomain "email_domain" 3 "The part after the @ is not a domain."
    EmailNonAsciiLocal "email_non_ascii_local" 3 "The part before the @ has a letter beyond a to z."
    EmailIpLiteral "email_ip_literal" 3 "The part after the @ is an IP address."
    WebsiteSyntax "website_syntax" 4 "This is not a web site."
    WebsiteIpAddress "website_ip_address" 4 "This is an IP address."
    WebsiteCredentials "website_credentials" 4 "The address carries a user name or password."
    WebsitePort "website_port" 4 "The address names an unusual port."
    WebsiteSpecialUse "website_special_use" 4 "This name is reserved and belongs to no company."
    WebsiteNotCompany "website_not_company" 4 "This site serves everyone and tells no company apart."
    NameEmpty "name_empty" 5 "The name has no letter or digit."
    NameTooLong "name_too_long" 5 "The name is longer than 200 characters."
    NameForbiddenCharacter "name_forbidden_character" 5 "The name has a hidden or broken character."
    UnknownField "unknown_field" 0 "The request has a field that does not exist."
    WrongType "wrong_type" 0 "The field is not text."
    NoIdentifier "no_identifier" 6 "The request does not say who is meant."
    IncompleteName "incomplete_name" 7 "A name needs a first name, a last name and a company."
    NotAnObject "not_an_object" 0 "The request is not a readable object."
}

impl IssueCode {
    /// The code as programs compare it.
    pub fn as_str(self) -> &'static str {
        self.line(0)
    }

    /// What is wrong, in one sentence that never quotes the input.
    pub fn message(self) -> &'static str {
        self.line(2)
    }

    /// What the person at the keyboard can do about it, where anything can be done.
    pub fn fix(self) -> Option<&'static str> {
        let place = self.line(1).bytes().next()?.wrapping_sub(b'0');
        FIXES.get(usize::from(place)).copied().flatten()
    }

    fn line(self, line: usize) -> &'static str {
        let mut rest = LINES;
        for _ in 0..(self as usize).saturating_mul(3).saturating_add(line) {
            let end = find_any(rest.as_bytes(), b"\n");
            rest = rest.get(end.saturating_add(1)..).unwrap_or_default();
        }
        rest.get(..find_any(rest.as_bytes(), b"\n")).unwrap_or_default()
    }
}

/// One thing that is wrong with a request.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Issue {
    /// The field it is about, unless it is about the request as a whole.
    pub field: Option<Field>,
    /// What is wrong.
    pub code: IssueCode,
    /// Where the offending place begins in the text as the caller gave it, in UTF-16 code units as
    /// JavaScript counts them; absent where the text as a whole is wrong.
    pub position: Option<u32>,
    /// The fields that [`IssueCode::IncompleteName`] misses.
    pub missing: Vec<Field>,
    /// The caller's name of an unknown field: at most 40 characters, none of them hidden.
    pub name: Option<String>,
    /// The field that was probably meant by an unknown one.
    pub suggestion: Option<Field>,
}

impl Issue {
    /// An issue of the request as a whole.
    pub fn new(code: IssueCode) -> Self {
        Issue { field: None, code, position: None, missing: Vec::new(), name: None, suggestion: None }
    }

    /// An issue of one field, taken as a whole.
    pub fn of(field: Field, code: IssueCode) -> Self {
        Issue { field: Some(field), ..Issue::new(code) }
    }

    /// An issue of one place in a field's text, in UTF-16 code units from its beginning.
    pub fn at(field: Field, code: IssueCode, position: u32) -> Self {
        Issue { position: Some(position), ..Issue::of(field, code) }
    }

    /// A field that the request does not have, with the field that its name comes close to.
    ///
    /// The name is the caller's own key, so it may be of any length and hold anything.
    pub fn unknown_field(name: &str) -> Self {
        let mut shown = String::new();
        for character in name.chars() {
            if shown.len() >= 40 {
                break;
            }
            if !is_unseen(character) {
                shown.push(character);
            }
        }
        let suggestion = Field::ALL.into_iter().find(|field| is_close(&shown, field.wire_name()));
        Issue { name: Some(shown), suggestion, ..Issue::new(IssueCode::UnknownField) }
    }

    /// Half a name: says which fields it takes to make it whole.
    pub fn incomplete_name(missing: Vec<Field>) -> Self {
        Issue { missing, ..Issue::new(IssueCode::IncompleteName) }
    }
}

/// Whether one begins with the other, but for case and whatever stands between the letters:
/// `linkedinUrl`, `email_address` and `first` come close to a field, `company_linkedin_url` does not.
fn is_close(name: &str, wire_name: &str) -> bool {
    let mut letters = name.bytes().filter(u8::is_ascii_alphanumeric);
    let mut length: u32 = 0;
    for expected in wire_name.bytes().filter(u8::is_ascii_alphanumeric) {
        match letters.next() {
            None => break,
            Some(letter) if letter.eq_ignore_ascii_case(&expected) => length = length.wrapping_add(1),
            Some(_) => return false,
        }
    }
    length >= 4
}
