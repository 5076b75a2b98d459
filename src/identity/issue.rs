//! What can be wrong with an identifier, in a code for programs and a sentence for people.

use super::text::{is_unseen, slice, split};

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
    #[inline(never)]
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

/// What can be done about an issue, a line each. The codes name them by their place; the first is
/// for those about which nothing can.
const FIXES: &str = "
Open the person's profile on LinkedIn and copy its address.
Copy the address again from the browser.
Write it as jane@acme.com.
Give the company's domain, such as acme.com.
Type the name again.
Give a LinkedIn address, an e-mail address, or a name and a company.
Add the missing fields.";

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
    CompanyPage "company_page" 1 "This is a company page."
    SchoolPage "school_page" 1 "This is a school page."
    ShowcasePage "showcase_page" 1 "This is a showcase page."
    DirectoryPage "directory_page" 1 "This is a directory page."
    JobPage "job_page" 1 "This is a job page."
    FeedPage "feed_page" 1 "This is a post or an article."
    SearchPage "search_page" 1 "This is a search page."
    GroupPage "group_page" 1 "This is a group page."
    SalesNavigator "sales_navigator" 1 "This is a Sales Navigator page."
    Recruiter "recruiter" 1 "This is a Recruiter page."
    ShortLink "short_link" 1 "This is a short link."
    OwnProfile "own_profile" 1 "This is the reader's own profile."
    LegacyPub "legacy_pub" 1 "This is an old public profile address."
    LegacyView "legacy_view" 1 "This is an old profile address."
    EmptySlug "empty_slug" 1 "The address names no person."
    SlugTooLong "slug_too_long" 2 "The address is too long."
    BadEncoding "bad_encoding" 2 "The address has a broken percent escape."
    ForbiddenCharacter "forbidden_character" 2 "The address has a character that no profile has."
    DotSegment "dot_segment" 2 "The address has a step of dots."
    CredentialsInUrl "credentials_in_url" 2 "The address has a user name."
    UnexpectedPort "unexpected_port" 2 "The address has an unusual port."
    UnsupportedScheme "unsupported_scheme" 2 "The address does not begin with https."
    NoProfile "no_profile" 1 "This is not a profile."
    EmailSyntax "email_syntax" 3 "This is not an e-mail address."
    EmailTooLong "email_too_long" 3 "The e-mail address is too long."
    EmailDomain "email_domain" 3 "The part after @ is not a domain."
    EmailNonAsciiLocal "email_non_ascii_local" 3 "The part before @ has a letter beyond a to z."
    EmailIpLiteral "email_ip_literal" 3 "The part after @ is an IP address."
    WebsiteSyntax "website_syntax" 4 "This is not a website."
    WebsiteIpAddress "website_ip_address" 4 "This is an IP address."
    WebsiteCredentials "website_credentials" 4 "The website has a user name."
    WebsitePort "website_port" 4 "The website has an unusual port."
    WebsiteSpecialUse "website_special_use" 4 "This is a reserved domain."
    WebsiteNotCompany "website_not_company" 4 "This website is not one company's."
    NameEmpty "name_empty" 5 "The name has no letter or digit."
    NameTooLong "name_too_long" 5 "The name is too long."
    NameForbiddenCharacter "name_forbidden_character" 5 "The name has a hidden or broken character."
    UnknownField "unknown_field" 0 "There is no such field."
    WrongType "wrong_type" 0 "The field is not text."
    NoIdentifier "no_identifier" 6 "The request names no person."
    IncompleteName "incomplete_name" 7 "The name is incomplete."
    NotAnObject "not_an_object" 0 "The request is not an object."
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
        Some(line(FIXES, usize::from(place))).filter(|fix| !fix.is_empty())
    }

    fn line(self, number: usize) -> &'static str {
        line(LINES, (self as usize).saturating_mul(3).saturating_add(number))
    }
}

#[inline(never)]
fn line(lines: &'static str, number: usize) -> &'static str {
    split(lines.as_bytes(), b'\n').nth(number).map(|line| slice(lines, line)).unwrap_or_default()
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

/// Everything that is wrong with a request.
// Boxes: moving a pointer is less code than moving all that an issue can hold.
pub type Issues = Vec<Box<Issue>>;

// Boxed, as all are: an identifier must not have to make room for its refusal at every step.
impl Issue {
    /// An issue of the request as a whole.
    pub fn new(code: IssueCode) -> Box<Self> {
        Box::new(Issue { field: None, code, position: None, missing: Vec::new(), name: None, suggestion: None })
    }

    /// An issue of one field, taken as a whole.
    pub fn of(field: Field, code: IssueCode) -> Box<Self> {
        let mut issue = Issue::new(code);
        issue.field = Some(field);
        issue
    }

    /// A field that the request does not have, with the field that its name comes close to.
    ///
    /// The name is the caller's own key, so it may be of any length and hold anything.
    pub fn unknown_field(name: &str) -> Box<Self> {
        let mut shown = String::new();
        for character in name.chars() {
            if shown.len() >= 40 {
                break;
            }
            if !is_unseen(character) {
                shown.push(character);
            }
        }
        let mut issue = Issue::new(IssueCode::UnknownField);
        for field in Field::ALL {
            if is_close(&shown, field.wire_name()) {
                issue.suggestion = Some(field);
                break;
            }
        }
        issue.name = Some(shown);
        issue
    }

    /// Half a name: says which fields it takes to make it whole.
    pub fn incomplete_name(missing: Vec<Field>) -> Box<Self> {
        let mut issue = Issue::new(IssueCode::IncompleteName);
        issue.missing = missing;
        issue
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
