// The same requests for everybody who is measured.

/** Everything a person can be named by, as it gets pasted: tracking, mixed case, white space. */
export const full = {
  linkedin_url: "HTTPS://UK.LinkedIn.com/in/Jane-Doe-1a2b3c4d/details/experience/?utm_source=share&utm_medium=member_desktop#about",
  email: " Jane.Doe+News@ACME.com",
  first_name: "Jane ",
  last_name: "Doe",
  company_name: "Acme  Corp",
  company_website: "https://www.Acme.com/about?ref=nav",
};

/** What most lookups are. */
export const linkedin = { linkedin_url: full.linkedin_url };

/** Five fields, four of them wrong, and half a name. */
export const invalid = {
  linkedin_url: "https://www.linkedin.com/company/acme",
  email: "jane@@acme.com",
  first_name: "Jane",
  company_website: "https://10.0.0.1/about",
  nickname: "JD",
};
