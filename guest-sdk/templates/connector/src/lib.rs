//! The connector `__NAME__`: a list of items that an API gives as JSON, page by page.

use duckpen::connectors::{
    Authentication, Connector, Dataset, Field, Host, JsonColumn, JsonRows, Kind, Parameter, Reader, Relation, Source,
    url,
};
use duckpen::{Batch, Error};
use serde::Deserialize;
use serde_json::Value;

/// The columns: the key of each, and its type in SQL.
const COLUMNS: [(&str, &str); 3] = [("id", "BIGINT"), ("name", "VARCHAR"), ("price", "DECIMAL(18,2)")];

/// The connector.
pub struct Items;

/// How the API is reached: what stands in a profile. Of a secret the connector never gets more than that there is one.
#[derive(Deserialize)]
pub struct Configuration {
    pub url: String,
}

/// What is read of it: what stands in a SOURCE step.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Selection {
    pub category: Option<String>,
}

impl Connector for Items {
    type Configuration = Configuration;

    const NAME: &'static str = "__NAME__";
    const VERSION: &'static str = env!("CARGO_PKG_VERSION");
    const DOC: &'static str = "Items of an API.";

    fn parameters() -> Vec<Parameter> {
        vec![
            Parameter::required("url", Kind::Url, "The address of the API"),
            Parameter::optional("token", Kind::Secret, "Shown to the API with each request"),
        ]
    }

    fn authentication() -> Vec<Authentication> {
        vec![Authentication::Bearer("token")]
    }

    fn check(configuration: Configuration, host: &Host) -> Result<String, Error> {
        host.get(address(&configuration)).query("limit", "1").send_expecting_success()?;
        Ok("the API answers".to_owned())
    }
}

impl Source for Items {
    type Selection = Selection;
    type Relation = List;

    fn source_parameters() -> Vec<Parameter> {
        vec![Parameter::optional("category", Kind::Text, "Items of this category only")]
    }

    fn discover(_: Configuration, _: &Host) -> Result<Vec<Dataset>, Error> {
        let fields = COLUMNS.map(|(name, logical_type)| Field::new(name, logical_type)).to_vec();
        Ok(vec![Dataset { name: "items".to_owned(), fields, primary_key: vec!["id".to_owned()], ..Dataset::default() }])
    }

    fn open(configuration: Configuration, selection: Selection, host: &Host) -> Result<List, Error> {
        let columns = COLUMNS.iter().map(|(name, logical_type)| JsonColumn::of_key(name, logical_type));
        let columns = columns.collect::<Result<_, _>>()?;
        let category = selection.category.as_deref().map(|category| ("category", category));
        let first = url::with_query(&address(&configuration), category);
        Ok(List { host: host.clone(), columns, first })
    }
}

fn address(configuration: &Configuration) -> String {
    url::join(&url::complete(&configuration.url), "items")
}

/// The items, with columns that are known.
pub struct List {
    host: Host,
    columns: Vec<JsonColumn>,
    first: String,
}

impl Relation for List {
    // Where a read ended, for one that goes on from there; here every read gets everything.
    type State = ();
    type Reader = Pages;

    fn fields(&self) -> Vec<Field> {
        self.columns.iter().map(JsonColumn::field).collect()
    }

    fn read(&self, projection: &[usize], _since: Option<()>) -> Result<Pages, Error> {
        let rows = JsonRows::new(&self.columns, projection);
        Ok(Pages { host: self.host.clone(), next: Some(self.first.clone()), rows })
    }
}

/// One read.
pub struct Pages {
    host: Host,
    next: Option<String>,
    rows: JsonRows,
}

impl Reader for Pages {
    type State = ();

    fn next(&mut self, batch: &mut Batch) -> Result<(), Error> {
        // A page may be empty, and another follow it.
        while self.rows.is_empty() {
            let Some(page) = self.next.take() else { break };
            let answer = self.host.get(&page).send_expecting_success()?;
            self.rows.extend(answer.json::<Vec<Value>>()?);
            self.next = answer.link("next").map(|link| url::next_page(&page, &link)).transpose()?;
        }
        self.rows.fill(batch)
    }
}

duckpen::connector!(Items: source);

#[cfg(test)]
mod tests {
    use duckpen::connectors::Response;
    use duckpen::connectors::testing::{self, TestServer};
    use serde_json::json;

    use super::*;

    #[test]
    fn items_come_page_by_page() {
        let server = TestServer::new(|request| match request.url.as_str() {
            "https://api.example/items?category=ducks" => Response {
                headers: vec![("link".to_owned(), "</items?page=2>; rel=\"next\"".to_owned())],
                ..Response::json_of(200, &json!([{"id": 1, "name": "Mallard", "price": "4.95"}]))
            },
            "https://api.example/items?page=2" => Response::json_of(200, &json!([{"id": 2, "name": "Teal"}])),
            _ => Response::json_of(404, &json!({})),
        });
        let configuration = Configuration { url: "https://api.example".to_owned() };
        let selection = Selection { category: Some("ducks".to_owned()) };
        let items = Items::open(configuration, selection, &server.host()).expect("it opens");
        let read = testing::read(&items, None).expect("it reads");
        assert_eq!(
            read.rows,
            [json!({"id": 1, "name": "Mallard", "price": 4.95}), json!({"id": 2, "name": "Teal", "price": null})]
        );
    }
}
