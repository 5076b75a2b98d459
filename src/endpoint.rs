//! What can be bought: its one job is to hold, for each service, the path, the price and the field that is paid for.

/// The field of `results` that a charge pays for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PaidField {
    /// `results.phone`
    Phone,
    /// `results.email`
    Email,
}

/// One service of the vendor. A further service is one more value, not a copy of the code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// Path below the base URL. The trailing slash stays: without it the vendor's server would
    /// redirect a POST and drop its body.
    pub path: &'static str,
    /// Credits charged when found; nothing is charged otherwise.
    pub price: u32,
    /// What the price buys.
    pub paid_field: PaidField,
    /// What the vendor says when nothing is found, for replies that leave it out.
    pub not_found_message: &'static str,
}

/// Phone enrichment: 5 credits when a phone is found.
pub const PHONE: Endpoint = Endpoint {
    path: "/external/phone/enrichment/",
    price: 5,
    paid_field: PaidField::Phone,
    not_found_message: "Phone not found",
};

/// E-mail enrichment: 1 credit when an e-mail is found.
pub const EMAIL: Endpoint = Endpoint {
    path: "/external/email/enrichment/",
    price: 1,
    paid_field: PaidField::Email,
    not_found_message: "Email not found",
};
