import java.io.File;
import java.util.Arrays;
import javax.xml.XMLConstants;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.transform.dom.DOMSource;
import javax.xml.validation.Schema;
import javax.xml.validation.SchemaFactory;
import org.w3c.dom.Element;
import org.w3c.dom.Node;

/** Validates each N-*.xml of a folder, the first element of its soap:Body, by N.xsd; prints what is wrong. */
class Validate {
  public static void main(String[] args) throws Exception {
    File[] schemas = new File(args[0]).listFiles((dir, name) -> name.endsWith(".xsd"));
    Arrays.sort(schemas);
    DocumentBuilderFactory documents = DocumentBuilderFactory.newInstance();
    documents.setNamespaceAware(true);
    int count = 0;
    for (File file : schemas) {
      Schema schema = SchemaFactory.newInstance(XMLConstants.W3C_XML_SCHEMA_NS_URI).newSchema(file);
      String prefix = file.getName().replace(".xsd", "-");
      for (File instance : file.getParentFile().listFiles((dir, name) -> name.startsWith(prefix))) {
        count++;
        try {
          Element envelope = documents.newDocumentBuilder().parse(instance).getDocumentElement();
          Node root = envelope.getLastChild().getFirstChild();
          schema.newValidator().validate(new DOMSource(root));
        } catch (Exception error) {
          System.out.println(instance.getName() + ": " + error.getMessage());
        }
      }
    }
    System.out.println("validated " + count);
  }
}
